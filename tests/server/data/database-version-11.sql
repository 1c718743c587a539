BEGIN TRANSACTION;
CREATE TABLE batch (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	blocked_by_id INTEGER, 
	FOREIGN KEY(blocked_by_id) REFERENCES batch (id)
);
CREATE TABLE build (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	project_id INTEGER NOT NULL, 
	dir_id INTEGER NOT NULL, 
	package_id INTEGER, 
	user_id INTEGER, 
	batch_id INTEGER, 
	state VARCHAR NOT NULL, 
	submitted_on INTEGER NOT NULL, 
	ended_on INTEGER, 
	source_type VARCHAR NOT NULL, 
	source JSON NOT NULL, 
	source_state VARCHAR NOT NULL, 
	source_started_on INTEGER, 
	source_ended_on INTEGER, 
	claim INTEGER NOT NULL, 
	lease_until INTEGER, 
	builder VARCHAR, 
	srpm VARCHAR, 
	srpm_digest VARCHAR, 
	version VARCHAR, 
	timeout INTEGER NOT NULL, 
	is_background BOOLEAN NOT NULL, 
	enable_net BOOLEAN NOT NULL, 
	bootstrap VARCHAR NOT NULL, 
	isolation VARCHAR NOT NULL, 
	forked_from_id INTEGER, 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	FOREIGN KEY(dir_id) REFERENCES project_dir (id) ON DELETE CASCADE, 
	FOREIGN KEY(package_id) REFERENCES package (id) ON DELETE SET NULL, 
	FOREIGN KEY(user_id) REFERENCES user (id), 
	FOREIGN KEY(batch_id) REFERENCES batch (id)
);
INSERT INTO "build" VALUES(1,1,1,1,1,NULL,'succeeded',1796013883,1796013883,'link','{"url": "http://example.test/hello-1.0-1.src.rpm"}','succeeded',1796013883,NULL,0,NULL,NULL,'hello-1.0-1.src.rpm','3d7ad8ec27803f7bd428c8a1380f095fbdba4cde','1.0-1',18000,0,0,'unchanged','unchanged',NULL);
CREATE TABLE build_chroot (
	build_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	started_on INTEGER, 
	ended_on INTEGER, 
	packages JSON NOT NULL, 
	arch VARCHAR NOT NULL, 
	project_id INTEGER NOT NULL, 
	is_background BOOLEAN NOT NULL, 
	claim INTEGER NOT NULL, 
	lease_until INTEGER, 
	builder VARCHAR, 
	PRIMARY KEY (build_id, name), 
	FOREIGN KEY(build_id) REFERENCES build (id) ON DELETE CASCADE, 
	FOREIGN KEY(name) REFERENCES mock_chroot (name)
);
INSERT INTO "build_chroot" VALUES(1,'fedora-45-x86_64','succeeded',1796013883,1796013883,'[{"name": "hello", "epoch": 0, "version": "1.0", "release": "1.fc45", "arch": "x86_64"}, {"name": "hello", "epoch": 0, "version": "1.0", "release": "1.fc45", "arch": "src"}]','x86_64',1,0,0,NULL,NULL);
CREATE TABLE builder (
	name VARCHAR NOT NULL, 
	token_hash VARCHAR NOT NULL, 
	arches JSON NOT NULL, 
	chroots JSON NOT NULL, 
	is_drained BOOLEAN NOT NULL, 
	heard_on INTEGER, 
	PRIMARY KEY (name), 
	UNIQUE (token_hash)
);
CREATE TABLE dist_git (
	name VARCHAR NOT NULL, 
	url VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "dist_git" VALUES('fedora','https://src.fedoraproject.org',0);
CREATE TABLE file_change (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	path VARCHAR NOT NULL, 
	copy_of VARCHAR
);
CREATE TABLE "group" (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR NOT NULL, 
	fas_name VARCHAR NOT NULL, 
	UNIQUE (name)
);
CREATE TABLE login_session (
	key_hash VARCHAR NOT NULL, 
	user_id INTEGER NOT NULL, 
	expires_on INTEGER NOT NULL, 
	PRIMARY KEY (key_hash), 
	FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE
);
CREATE TABLE membership (
	user_id INTEGER NOT NULL, 
	group_id INTEGER NOT NULL, 
	PRIMARY KEY (user_id, group_id), 
	FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	FOREIGN KEY(group_id) REFERENCES "group" (id) ON DELETE CASCADE
);
CREATE TABLE mock_chroot (
	name VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	is_active BOOLEAN NOT NULL, 
	comment VARCHAR NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "mock_chroot" VALUES('fedora-45-x86_64',0,1,'');
INSERT INTO "mock_chroot" VALUES('epel-10-x86_64',1,1,'');
CREATE TABLE outgoing_message (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	message_id VARCHAR NOT NULL, 
	topic VARCHAR NOT NULL, 
	sent_on INTEGER NOT NULL, 
	body JSON NOT NULL
);
CREATE TABLE package (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	project_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	source_type VARCHAR NOT NULL, 
	source JSON NOT NULL, 
	webhook_rebuild BOOLEAN NOT NULL, 
	max_builds INTEGER NOT NULL, 
	timeout INTEGER, 
	chroot_denylist VARCHAR NOT NULL, 
	UNIQUE (project_id, name), 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);
INSERT INTO "package" VALUES(1,1,'hello','link','{"url": "http://example.test/hello-1.0-1.src.rpm"}',0,0,NULL,'');
INSERT INTO "package" VALUES(2,1,'bye','link','{"url": "http://example.test/bye-1.0-1.src.rpm"}',0,0,NULL,'');
CREATE TABLE permission (
	project_id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	builder VARCHAR NOT NULL, 
	admin VARCHAR NOT NULL, 
	PRIMARY KEY (project_id, user_id), 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE
);
CREATE TABLE project (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR NOT NULL, 
	ownername VARCHAR NOT NULL, 
	user_id INTEGER NOT NULL, 
	group_id INTEGER, 
	description VARCHAR NOT NULL, 
	instructions VARCHAR NOT NULL, 
	homepage VARCHAR, 
	contact VARCHAR, 
	additional_repos JSON NOT NULL, 
	runtime_dependencies JSON NOT NULL, 
	packit_forge_projects_allowed JSON NOT NULL, 
	persistent BOOLEAN NOT NULL, 
	unlisted_on_hp BOOLEAN NOT NULL, 
	auto_prune BOOLEAN NOT NULL, 
	enable_net BOOLEAN NOT NULL, 
	devel_mode BOOLEAN NOT NULL, 
	multilib BOOLEAN NOT NULL, 
	module_hotfixes BOOLEAN NOT NULL, 
	appstream BOOLEAN NOT NULL, 
	fedora_review BOOLEAN NOT NULL, 
	follow_fedora_branching BOOLEAN NOT NULL, 
	bootstrap VARCHAR NOT NULL, 
	bootstrap_image VARCHAR, 
	isolation VARCHAR NOT NULL, 
	repo_priority INTEGER, 
	delete_after INTEGER, 
	webhook_secret VARCHAR NOT NULL, 
	forked_from_id INTEGER, 
	UNIQUE (ownername, name), 
	FOREIGN KEY(user_id) REFERENCES user (id), 
	FOREIGN KEY(group_id) REFERENCES "group" (id), 
	FOREIGN KEY(forked_from_id) REFERENCES project (id) ON DELETE SET NULL
);
INSERT INTO "project" VALUES(1,'kept','alice',1,NULL,'Made by version 1','',NULL,NULL,'[]','[]','[]',0,0,1,0,0,0,0,0,0,1,'default',NULL,'default',NULL,NULL,'5c190b99-0aaa-4fa8-b6e4-185b983e8ef5',NULL);
CREATE TABLE project_chroot (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	additional_repos JSON NOT NULL, 
	additional_packages JSON NOT NULL, 
	with_opts JSON NOT NULL, 
	without_opts JSON NOT NULL, 
	additional_modules JSON NOT NULL, 
	bootstrap VARCHAR NOT NULL, 
	bootstrap_image VARCHAR, 
	isolation VARCHAR NOT NULL, 
	comps_name VARCHAR, 
	comps VARCHAR, 
	delete_after INTEGER, 
	PRIMARY KEY (id), 
	UNIQUE (project_id, name), 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	FOREIGN KEY(name) REFERENCES mock_chroot (name)
);
INSERT INTO "project_chroot" VALUES(1,1,'fedora-45-x86_64','[]','[]','[]','[]','[]','unchanged',NULL,'unchanged',NULL,NULL,NULL);
CREATE TABLE project_dir (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (project_id, name), 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);
INSERT INTO "project_dir" VALUES(1,1,'kept');
CREATE TABLE repository_update (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	directory VARCHAR NOT NULL
);
CREATE TABLE turn (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	project_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	UNIQUE (project_id), 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);
CREATE TABLE user (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR NOT NULL, 
	admin BOOLEAN NOT NULL, 
	proxy BOOLEAN NOT NULL, 
	api_login VARCHAR NOT NULL, 
	api_token_hash VARCHAR NOT NULL, 
	api_token_expiration DATE NOT NULL, 
	UNIQUE (name), 
	UNIQUE (api_login)
);
INSERT INTO "user" VALUES(1,'alice',0,0,'tinmemvapbepuboxtyby','8b647f77f540dc4d77cabc16fb6002b1aba2def671c3d9239d9cdf050f8991b4','2027-05-22');
CREATE TABLE webhook_delivery (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	project_id INTEGER NOT NULL, 
	received_on INTEGER NOT NULL, 
	forge VARCHAR NOT NULL, 
	event VARCHAR NOT NULL, 
	reference VARCHAR NOT NULL, 
	status INTEGER NOT NULL, 
	builds JSON NOT NULL, 
	text VARCHAR NOT NULL, 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);
CREATE INDEX turn_by_number ON turn (number, id);
CREATE INDEX webhook_delivery_of_project ON webhook_delivery (project_id, id);
CREATE INDEX build_by_source_state ON build (source_state, is_background, project_id, batch_id, id);
CREATE INDEX build_of_batch ON build (batch_id, state);
CREATE INDEX build_of_package ON build (package_id, dir_id, id);
CREATE INDEX build_of_project ON build (project_id, id);
CREATE INDEX build_of_project_by_end ON build (project_id, ended_on, id);
CREATE INDEX build_of_project_by_state ON build (project_id, state, id);
CREATE INDEX build_without_end ON build (id) WHERE ended_on IS NULL;
CREATE INDEX build_chroot_by_state ON build_chroot (state, is_background, project_id, arch, build_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('user',1);
INSERT INTO "sqlite_sequence" VALUES('project',1);
INSERT INTO "sqlite_sequence" VALUES('build',2);
INSERT INTO "sqlite_sequence" VALUES('package',2);
INSERT INTO "sqlite_sequence" VALUES('file_change',2);
INSERT INTO "sqlite_sequence" VALUES('repository_update',1);
INSERT INTO "sqlite_sequence" VALUES('turn',0);
COMMIT;
