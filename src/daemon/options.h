/*
 * Every setting of the daemon, typed, after defaults, file, environment and command line were laid
 * over each other (config.h does that). The table in options_table.c is the only list of options:
 * names, types, defaults, ranges and help come from there. Contract: api 7.
 *
 * Only daemon/ sees this; each module gets its own small options struct from the wiring.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct option_list {
    const char **items;
    size_t count;
};

struct option_limit { /* a token bucket; count 0 switches it off */
    int64_t count;
    int64_t seconds;
    int64_t burst;
};

struct option_category {
    const char *id;
    const char *name;
};

struct option_categories {
    struct option_category *items;
    size_t count;
};

struct options_tls {
    const char *cert_file, *key_file;
};

struct options_http {
    const char *listen, *tls_listen, *public_url, *ops_listen, *ui_dir;
    struct options_tls tls;
    struct option_list trusted_proxies;
    int64_t max_body_bytes, header_timeout_s, body_timeout_s, idle_timeout_s, drain_s;
    int64_t max_connections;
};

struct options_rtmp {
    const char *listen, *tls_listen, *public_url;
    struct options_tls tls;
    bool insecure_ingest;
};

struct options_media {
    int64_t segment_ms, part_ms, window_segments, reconnect_window_s, thumbnail_s;
    const char *transcode, *limit_action, *store_dir;
    int64_t max_live_streams, max_viewers_per_stream, max_session_hours;
    const char *webrtc_listen, *webrtc_public_address;
};

struct options_chat {
    bool anonymous_view;
    int64_t token_minutes, history, retention_days, maximum_message_length, max_connections;
};

struct options_store {
    const char *driver, *path, *url;
    int64_t pool_size;
};

struct options_bus {
    const char *driver, *url, *prefix;
};

struct options_objects {
    const char *driver, *path, *endpoint, *bucket, *region, *public_base_url;
    bool path_style;
    int64_t presign_s, avatar_max_bytes, banner_max_bytes, max_megapixels;
};

struct options_auth {
    int64_t access_token_minutes, refresh_token_days, session_max_days, confirm_code_hours;
    int64_t reset_code_hours, password_min, username_hold_days;
    int64_t argon2_ops_limit, argon2_mem_mib, argon2_concurrency;
};

struct options_mail {
    const char *driver, *host, *security, *from, *reply_to;
    int64_t port, per_hour;
};

struct options_products {
    const char *provider, *offers, *base_url;
};

struct options_stages {
    bool enabled, open_invites;
    int64_t token_minutes, host_grace_s, idle_minutes;
};

struct options_jobs {
    int64_t unverified_after_hours, session_history_days;
};

struct options_log {
    const char *level, *format, *file;
};

struct options_limits {
    struct option_limit read, write, sign_in_per_account, sign_in_per_address;
    struct option_limit register_per_address, mail_per_account, mail_per_address;
    struct option_limit code_per_address, refresh_per_session, chat_token;
    struct option_limit chat_token_per_address, stream_key_reset, rename, upload, follow;
    struct option_limit moderation, metadata, metadata_per_node, poll_create, vote, quiz_answer;
    struct option_limit search, products, products_upstream, chat_requests_per_connection;
    struct option_limit chat_messages_per_sender, chat_messages_per_moderator;
    struct option_limit chat_messages_per_room;
    int64_t code_per_code, follows_per_user, moderators_per_channel, blocked_terms_per_channel;
    int64_t events_connections;
};

struct options_multitrack {
    bool enabled;
    const char *maximum_resolution, *policy;
};

struct options {
    const char *stage; /* the block of the file that was used; not an option itself */

    struct option_list allowed_origins, sign_up_allowed_domains, roles;
    const char *client_base_url, *channel_type, *transcode_preset, *stage_name;
    const char *product_api_locale, *product_link_region_code, *region, *account_id, *data_dir;
    bool deploy_separate_containers, user_auto_verify, amazon_products;
    struct options_multitrack multitrack;
    int64_t log_retention_days; /* 0: for ever */
    int64_t max_azs, nat_gateways, min_scaling_capacity, loops;
    struct option_categories categories;

    struct options_http http;
    struct options_rtmp rtmp;
    struct options_media media;
    struct options_chat chat;
    struct options_store store;
    struct options_bus bus;
    struct options_objects objects;
    struct options_auth auth;
    struct options_mail mail;
    const char *secrets_file;
    struct options_products products;
    struct options_stages stages;
    struct options_jobs jobs;
    struct options_log log;
    struct options_limits limits;
};

enum option_type {
    OPTION_BOOL,
    OPTION_INT,
    OPTION_STRING,
    OPTION_ENUM, /* one of a few strings */
    OPTION_LIST, /* of strings */
    OPTION_LIMIT,
    OPTION_CATEGORIES,
};

struct option_check {
    bool (*is_valid)(struct str value);
    const char *allowed; /* for people */
};

struct option {
    const char *path; /* "http.tls.certFile" */
    enum option_type type;
    size_t offset;
    const char *dev;                  /* default, written as in the environment */
    const char *prod;                 /* of the other stages; NULL: as dev */
    int64_t min, max;                 /* of an integer */
    const char *choices;              /* of an enum, apart by |; an empty one allows "" */
    const struct option_check *check; /* of a string, or of each string of a list */
    bool reloads;                     /* a SIGHUP changes it at once */
    const char *help;
};

extern const struct option options_table[];
extern const size_t options_table_len;

/* NULL: there is none. */
const struct option *options_find(struct str path);
