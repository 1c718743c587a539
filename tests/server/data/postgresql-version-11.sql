SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.batch (
    id bigint NOT NULL,
    blocked_by_id bigint
);
CREATE SEQUENCE public.batch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.batch_id_seq OWNED BY public.batch.id;
CREATE TABLE public.build (
    id bigint NOT NULL,
    project_id bigint NOT NULL,
    dir_id bigint NOT NULL,
    package_id bigint,
    user_id bigint,
    batch_id bigint,
    state character varying NOT NULL,
    submitted_on bigint NOT NULL,
    ended_on bigint,
    source_type character varying NOT NULL,
    source jsonb NOT NULL,
    source_state character varying NOT NULL,
    source_started_on bigint,
    source_ended_on bigint,
    claim bigint NOT NULL,
    lease_until bigint,
    srpm character varying,
    srpm_digest character varying,
    version character varying,
    timeout bigint NOT NULL,
    is_background boolean NOT NULL,
    enable_net boolean NOT NULL,
    bootstrap character varying NOT NULL,
    isolation character varying NOT NULL,
    forked_from_id bigint,
    builder character varying
);
CREATE TABLE public.build_chroot (
    build_id bigint NOT NULL,
    name character varying NOT NULL,
    state character varying NOT NULL,
    started_on bigint,
    ended_on bigint,
    packages jsonb NOT NULL,
    arch character varying NOT NULL,
    project_id bigint NOT NULL,
    is_background boolean NOT NULL,
    claim bigint NOT NULL,
    lease_until bigint,
    builder character varying
);
CREATE SEQUENCE public.build_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.build_id_seq OWNED BY public.build.id;
CREATE TABLE public.builder (
    name character varying NOT NULL,
    token_hash character varying NOT NULL,
    arches jsonb NOT NULL,
    chroots jsonb NOT NULL,
    is_drained boolean NOT NULL,
    heard_on bigint
);
CREATE TABLE public.commit_number (
    number bigint NOT NULL,
    data_folder text
);
CREATE TABLE public.dist_git (
    name character varying NOT NULL,
    url character varying NOT NULL,
    "position" bigint NOT NULL
);
CREATE TABLE public.file_change (
    id bigint NOT NULL,
    path character varying NOT NULL,
    copy_of character varying
);
CREATE SEQUENCE public.file_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.file_change_id_seq OWNED BY public.file_change.id;
CREATE TABLE public."group" (
    id bigint NOT NULL,
    name character varying NOT NULL,
    fas_name character varying NOT NULL
);
CREATE SEQUENCE public.group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.group_id_seq OWNED BY public."group".id;
CREATE TABLE public.login_session (
    key_hash character varying NOT NULL,
    user_id bigint NOT NULL,
    expires_on bigint NOT NULL
);
CREATE TABLE public.membership (
    user_id bigint NOT NULL,
    group_id bigint NOT NULL
);
CREATE TABLE public.mock_chroot (
    name character varying NOT NULL,
    "position" bigint NOT NULL,
    is_active boolean NOT NULL,
    comment character varying NOT NULL
);
CREATE TABLE public.outgoing_message (
    id bigint NOT NULL,
    message_id character varying NOT NULL,
    topic character varying NOT NULL,
    sent_on bigint NOT NULL,
    body jsonb NOT NULL
);
CREATE SEQUENCE public.outgoing_message_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.outgoing_message_id_seq OWNED BY public.outgoing_message.id;
CREATE TABLE public.package (
    id bigint NOT NULL,
    project_id bigint NOT NULL,
    name character varying NOT NULL,
    source_type character varying NOT NULL,
    source jsonb NOT NULL,
    webhook_rebuild boolean NOT NULL,
    max_builds bigint NOT NULL,
    timeout bigint,
    chroot_denylist character varying NOT NULL
);
CREATE SEQUENCE public.package_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.package_id_seq OWNED BY public.package.id;
CREATE TABLE public.permission (
    project_id bigint NOT NULL,
    user_id bigint NOT NULL,
    builder character varying NOT NULL,
    admin character varying NOT NULL
);
CREATE TABLE public.project (
    id bigint NOT NULL,
    name character varying NOT NULL,
    ownername character varying NOT NULL,
    user_id bigint NOT NULL,
    group_id bigint,
    description character varying NOT NULL,
    instructions character varying NOT NULL,
    homepage character varying,
    contact character varying,
    additional_repos jsonb NOT NULL,
    runtime_dependencies jsonb NOT NULL,
    packit_forge_projects_allowed jsonb NOT NULL,
    persistent boolean NOT NULL,
    unlisted_on_hp boolean NOT NULL,
    auto_prune boolean NOT NULL,
    enable_net boolean NOT NULL,
    devel_mode boolean NOT NULL,
    multilib boolean NOT NULL,
    module_hotfixes boolean NOT NULL,
    appstream boolean NOT NULL,
    fedora_review boolean NOT NULL,
    follow_fedora_branching boolean NOT NULL,
    bootstrap character varying NOT NULL,
    bootstrap_image character varying,
    isolation character varying NOT NULL,
    repo_priority bigint,
    delete_after bigint,
    webhook_secret character varying NOT NULL,
    forked_from_id bigint
);
CREATE TABLE public.project_chroot (
    id bigint NOT NULL,
    project_id bigint NOT NULL,
    name character varying NOT NULL,
    additional_repos jsonb NOT NULL,
    additional_packages jsonb NOT NULL,
    with_opts jsonb NOT NULL,
    without_opts jsonb NOT NULL,
    additional_modules jsonb NOT NULL,
    bootstrap character varying NOT NULL,
    bootstrap_image character varying,
    isolation character varying NOT NULL,
    comps_name character varying,
    comps character varying,
    delete_after bigint
);
CREATE SEQUENCE public.project_chroot_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.project_chroot_id_seq OWNED BY public.project_chroot.id;
CREATE TABLE public.project_dir (
    id bigint NOT NULL,
    project_id bigint NOT NULL,
    name character varying NOT NULL
);
CREATE SEQUENCE public.project_dir_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.project_dir_id_seq OWNED BY public.project_dir.id;
CREATE SEQUENCE public.project_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.project_id_seq OWNED BY public.project.id;
CREATE TABLE public.repository_update (
    id bigint NOT NULL,
    directory character varying NOT NULL
);
CREATE SEQUENCE public.repository_update_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.repository_update_id_seq OWNED BY public.repository_update.id;
CREATE TABLE public.turn (
    id bigint NOT NULL,
    project_id bigint NOT NULL,
    number bigint NOT NULL
);
CREATE SEQUENCE public.turn_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.turn_id_seq OWNED BY public.turn.id;
CREATE TABLE public."user" (
    id bigint NOT NULL,
    name character varying NOT NULL,
    admin boolean NOT NULL,
    proxy boolean NOT NULL,
    api_login character varying NOT NULL,
    api_token_hash character varying NOT NULL,
    api_token_expiration date NOT NULL
);
CREATE SEQUENCE public.user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.user_id_seq OWNED BY public."user".id;
CREATE TABLE public.webhook_delivery (
    id bigint NOT NULL,
    project_id bigint NOT NULL,
    received_on bigint NOT NULL,
    forge character varying NOT NULL,
    event character varying NOT NULL,
    reference character varying NOT NULL,
    status bigint NOT NULL,
    builds jsonb NOT NULL,
    text character varying NOT NULL
);
CREATE SEQUENCE public.webhook_delivery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.webhook_delivery_id_seq OWNED BY public.webhook_delivery.id;
ALTER TABLE ONLY public.batch ALTER COLUMN id SET DEFAULT nextval('public.batch_id_seq'::regclass);
ALTER TABLE ONLY public.build ALTER COLUMN id SET DEFAULT nextval('public.build_id_seq'::regclass);
ALTER TABLE ONLY public.file_change ALTER COLUMN id SET DEFAULT nextval('public.file_change_id_seq'::regclass);
ALTER TABLE ONLY public."group" ALTER COLUMN id SET DEFAULT nextval('public.group_id_seq'::regclass);
ALTER TABLE ONLY public.outgoing_message ALTER COLUMN id SET DEFAULT nextval('public.outgoing_message_id_seq'::regclass);
ALTER TABLE ONLY public.package ALTER COLUMN id SET DEFAULT nextval('public.package_id_seq'::regclass);
ALTER TABLE ONLY public.project ALTER COLUMN id SET DEFAULT nextval('public.project_id_seq'::regclass);
ALTER TABLE ONLY public.project_chroot ALTER COLUMN id SET DEFAULT nextval('public.project_chroot_id_seq'::regclass);
ALTER TABLE ONLY public.project_dir ALTER COLUMN id SET DEFAULT nextval('public.project_dir_id_seq'::regclass);
ALTER TABLE ONLY public.repository_update ALTER COLUMN id SET DEFAULT nextval('public.repository_update_id_seq'::regclass);
ALTER TABLE ONLY public.turn ALTER COLUMN id SET DEFAULT nextval('public.turn_id_seq'::regclass);
ALTER TABLE ONLY public."user" ALTER COLUMN id SET DEFAULT nextval('public.user_id_seq'::regclass);
ALTER TABLE ONLY public.webhook_delivery ALTER COLUMN id SET DEFAULT nextval('public.webhook_delivery_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('11');
INSERT INTO public.build VALUES (1, 1, 1, 1, 1, NULL, 'succeeded', 1796061939, 1796061939, 'link', '{"url": "https://example.com/hello-1.0-1.src.rpm"}', 'succeeded', 1796061939, 1796061939, 1, 1796061970, 'hello-1.0-1.src.rpm', '05ce8e9f18870017f0eb89f0169f22452b02a7a1', '1.0-1', 18000, false, false, 'unchanged', 'unchanged', NULL, NULL);
INSERT INTO public.build_chroot VALUES (1, 'fedora-45-x86_64', 'succeeded', 1796061939, 1796061939, '[{"arch": "x86_64", "name": "hello", "epoch": 0, "release": "1.fc45", "version": "1.0"}, {"arch": "src", "name": "hello", "epoch": 0, "release": "1.fc45", "version": "1.0"}]', 'x86_64', 1, false, 1, 1796061970, NULL);
INSERT INTO public.commit_number VALUES (12, NULL);
INSERT INTO public.dist_git VALUES ('fedora', 'https://src.fedoraproject.org', 0);
INSERT INTO public.mock_chroot VALUES ('fedora-45-x86_64', 0, true, '');
INSERT INTO public.package VALUES (1, 1, 'hello', 'link', '{"url": "https://example.com/hello-1.0-1.src.rpm"}', false, 0, NULL, '');
INSERT INTO public.project VALUES (1, 'hello', 'local', 1, NULL, '', '', NULL, NULL, '[]', '[]', '[]', false, false, true, false, false, false, false, false, false, true, 'default', NULL, 'default', NULL, NULL, '4d2d5540-3493-499c-b565-5710cff5b705', NULL);
INSERT INTO public.project_chroot VALUES (1, 1, 'fedora-45-x86_64', '[]', '[]', '[]', '[]', '[]', 'unchanged', NULL, 'unchanged', NULL, NULL, NULL);
INSERT INTO public.project_dir VALUES (1, 1, 'hello');
INSERT INTO public.turn VALUES (1, 1, 2);
INSERT INTO public."user" VALUES (1, 'local', false, false, 'oyhebiqfnbawtkhtlxiv', 'c7699cdd9d87c825ac4faaac2c3c70260b814a0543c2af7617dc541ed652b065', '2027-05-29');
SELECT pg_catalog.setval('public.batch_id_seq', 1, false);
SELECT pg_catalog.setval('public.build_id_seq', 1, true);
SELECT pg_catalog.setval('public.file_change_id_seq', 1, false);
SELECT pg_catalog.setval('public.group_id_seq', 1, false);
SELECT pg_catalog.setval('public.outgoing_message_id_seq', 1, false);
SELECT pg_catalog.setval('public.package_id_seq', 1, true);
SELECT pg_catalog.setval('public.project_chroot_id_seq', 1, true);
SELECT pg_catalog.setval('public.project_dir_id_seq', 1, true);
SELECT pg_catalog.setval('public.project_id_seq', 1, true);
SELECT pg_catalog.setval('public.repository_update_id_seq', 1, false);
SELECT pg_catalog.setval('public.turn_id_seq', 1, true);
SELECT pg_catalog.setval('public.user_id_seq', 1, true);
SELECT pg_catalog.setval('public.webhook_delivery_id_seq', 1, false);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.batch
    ADD CONSTRAINT batch_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.build_chroot
    ADD CONSTRAINT build_chroot_pkey PRIMARY KEY (build_id, name);
ALTER TABLE ONLY public.build
    ADD CONSTRAINT build_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.builder
    ADD CONSTRAINT builder_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.builder
    ADD CONSTRAINT builder_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY public.dist_git
    ADD CONSTRAINT dist_git_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.file_change
    ADD CONSTRAINT file_change_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public."group"
    ADD CONSTRAINT group_name_key UNIQUE (name);
ALTER TABLE ONLY public."group"
    ADD CONSTRAINT group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.login_session
    ADD CONSTRAINT login_session_pkey PRIMARY KEY (key_hash);
ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_pkey PRIMARY KEY (user_id, group_id);
ALTER TABLE ONLY public.mock_chroot
    ADD CONSTRAINT mock_chroot_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.outgoing_message
    ADD CONSTRAINT outgoing_message_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.package
    ADD CONSTRAINT package_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.package
    ADD CONSTRAINT package_project_id_name_key UNIQUE (project_id, name);
ALTER TABLE ONLY public.permission
    ADD CONSTRAINT permission_pkey PRIMARY KEY (project_id, user_id);
ALTER TABLE ONLY public.project_chroot
    ADD CONSTRAINT project_chroot_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.project_chroot
    ADD CONSTRAINT project_chroot_project_id_name_key UNIQUE (project_id, name);
ALTER TABLE ONLY public.project_dir
    ADD CONSTRAINT project_dir_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.project_dir
    ADD CONSTRAINT project_dir_project_id_name_key UNIQUE (project_id, name);
ALTER TABLE ONLY public.project
    ADD CONSTRAINT project_ownername_name_key UNIQUE (ownername, name);
ALTER TABLE ONLY public.project
    ADD CONSTRAINT project_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.repository_update
    ADD CONSTRAINT repository_update_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.turn
    ADD CONSTRAINT turn_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.turn
    ADD CONSTRAINT turn_project_id_key UNIQUE (project_id);
ALTER TABLE ONLY public."user"
    ADD CONSTRAINT user_api_login_key UNIQUE (api_login);
ALTER TABLE ONLY public."user"
    ADD CONSTRAINT user_name_key UNIQUE (name);
ALTER TABLE ONLY public."user"
    ADD CONSTRAINT user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.webhook_delivery
    ADD CONSTRAINT webhook_delivery_pkey PRIMARY KEY (id);
CREATE INDEX build_by_source_state ON public.build USING btree (source_state, is_background, project_id, batch_id, id);
CREATE INDEX build_chroot_by_state ON public.build_chroot USING btree (state, is_background, project_id, arch, build_id);
CREATE INDEX build_of_batch ON public.build USING btree (batch_id, state);
CREATE INDEX build_of_package ON public.build USING btree (package_id, dir_id, id);
CREATE INDEX build_of_project ON public.build USING btree (project_id, id);
CREATE INDEX build_of_project_by_end ON public.build USING btree (project_id, ended_on, id);
CREATE INDEX build_of_project_by_state ON public.build USING btree (project_id, state, id);
CREATE INDEX build_without_end ON public.build USING btree (id) WHERE (ended_on IS NULL);
CREATE INDEX turn_by_number ON public.turn USING btree (number, id);
CREATE INDEX webhook_delivery_of_project ON public.webhook_delivery USING btree (project_id, id);
ALTER TABLE ONLY public.batch
    ADD CONSTRAINT batch_blocked_by_id_fkey FOREIGN KEY (blocked_by_id) REFERENCES public.batch(id);
ALTER TABLE ONLY public.build
    ADD CONSTRAINT build_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.batch(id);
ALTER TABLE ONLY public.build_chroot
    ADD CONSTRAINT build_chroot_build_id_fkey FOREIGN KEY (build_id) REFERENCES public.build(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build_chroot
    ADD CONSTRAINT build_chroot_name_fkey FOREIGN KEY (name) REFERENCES public.mock_chroot(name);
ALTER TABLE ONLY public.build
    ADD CONSTRAINT build_dir_id_fkey FOREIGN KEY (dir_id) REFERENCES public.project_dir(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build
    ADD CONSTRAINT build_package_id_fkey FOREIGN KEY (package_id) REFERENCES public.package(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.build
    ADD CONSTRAINT build_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.project(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build
    ADD CONSTRAINT build_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id);
ALTER TABLE ONLY public.login_session
    ADD CONSTRAINT login_session_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_group_id_fkey FOREIGN KEY (group_id) REFERENCES public."group"(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.package
    ADD CONSTRAINT package_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.project(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.permission
    ADD CONSTRAINT permission_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.project(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.permission
    ADD CONSTRAINT permission_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.project_chroot
    ADD CONSTRAINT project_chroot_name_fkey FOREIGN KEY (name) REFERENCES public.mock_chroot(name);
ALTER TABLE ONLY public.project_chroot
    ADD CONSTRAINT project_chroot_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.project(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.project_dir
    ADD CONSTRAINT project_dir_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.project(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.project
    ADD CONSTRAINT project_forked_from_id_fkey FOREIGN KEY (forked_from_id) REFERENCES public.project(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.project
    ADD CONSTRAINT project_group_id_fkey FOREIGN KEY (group_id) REFERENCES public."group"(id);
ALTER TABLE ONLY public.project
    ADD CONSTRAINT project_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id);
ALTER TABLE ONLY public.turn
    ADD CONSTRAINT turn_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.project(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.webhook_delivery
    ADD CONSTRAINT webhook_delivery_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.project(id) ON DELETE CASCADE;
