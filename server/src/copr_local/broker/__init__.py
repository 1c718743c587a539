"""The message broker that carries claims to builders elsewhere, with Celery.

application.py   the settings of Celery, which the service and the builders share
sender.py        the service's side: a thread that sends claims
diagnosis.py     what a broker is, and which of its settings can delay builds

The builder's side is in `agent/`. A message has the path of a claim and nothing else. The claim is in the
database, with a lease; the builder accepts it over HTTP, once. So a message that is lost, late or delivered
twice does no harm: after the lease the step is queued again, with another claim, and the old one is refused.

The service claims a step for one builder, when that builder has a free slot. Each builder has a queue of its
own. It acknowledges a message when it takes it and not when the build has ended, so no timeout of a broker
matters to builds that take hours.

Celery is imported by programs that use a broker, and by no others.
"""
