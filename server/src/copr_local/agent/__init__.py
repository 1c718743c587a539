"""The builder program of another machine: it takes steps from a service, and builds them here.

service.py    the requests, and how often they are repeated
couriers.py   how claims come here: requests that wait, or a message broker
claim.py      the life of one claim: source, build, log, files, end
disk.py       whether there is room for builds
program.py    the slots, and the folder of the builder

It builds with the same package as the service (`builders`), and knows neither its database nor its rules.
"""
