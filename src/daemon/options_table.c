/*
 * The one list of options. A row gives name, place, defaults for dev and for the other stages, what
 * is allowed, whether a SIGHUP changes it at once, and help. Parser, environment, --help, the
 * example file and the page in docs/ all come from it. Numbers without a range in the contract have
 * one that no sensible set-up meets. Contract: api 7.
 */
#include "daemon/options_checks.h"

#define SAME NULL /* the other stages' default is that of dev */
#define ROW(name, kind, member) \
    .path = (name), .type = (kind), .offset = offsetof(struct options, member)

#define FLAG(name, member, dev_, prod_, at_once, text)                                      \
    {                                                                                       \
        ROW(name, OPTION_BOOL, member), .dev = #dev_, .prod = #prod_, .reloads = (at_once), \
                                        .help = (text)                                      \
    }
#define NUMBER(name, member, dev_, prod_, min_, max_, at_once, text)                               \
    {                                                                                              \
        ROW(name, OPTION_INT, member), .dev = #dev_, .prod = #prod_, .min = (min_), .max = (max_), \
                                       .reloads = (at_once), .help = (text)                        \
    }
#define CHOICE(name, member, dev_, prod_, list, at_once, text)                             \
    {                                                                                      \
        ROW(name, OPTION_ENUM, member), .dev = (dev_), .prod = (prod_), .choices = (list), \
                                        .reloads = (at_once), .help = (text)               \
    }
#define TEXT(name, member, dev_, prod_, check_, at_once, text)                                \
    {                                                                                         \
        ROW(name, OPTION_STRING, member), .dev = (dev_), .prod = (prod_), .check = &(check_), \
                                          .reloads = (at_once), .help = (text)                \
    }
#define LIST(name, member, dev_, prod_, check_, at_once, text)                              \
    {                                                                                       \
        ROW(name, OPTION_LIST, member), .dev = (dev_), .prod = (prod_), .check = &(check_), \
                                        .reloads = (at_once), .help = (text)                \
    }
#define LIMIT(name, member, count, seconds, burst, text)                                   \
    {                                                                                      \
        ROW(name, OPTION_LIMIT, member),                                                   \
            .dev = "{\"count\":" #count ",\"seconds\":" #seconds ",\"burst\":" #burst "}", \
            .reloads = true, .help = (text)                                                \
    }
#define CATEGORIES(name, member, dev_, at_once, text)                                             \
    {                                                                                             \
        ROW(name, OPTION_CATEGORIES, member), .dev = (dev_), .reloads = (at_once), .help = (text) \
    }

enum { AT_START = false, AT_ONCE = true };

static const char built_in_categories[] =
    "[{\"id\":\"chatting\",\"name\":\"Just Chatting\"},{\"id\":\"gaming\",\"name\":\"Gaming\"},"
    "{\"id\":\"music\",\"name\":\"Music\"},{\"id\":\"art\",\"name\":\"Art\"},"
    "{\"id\":\"sports\",\"name\":\"Sports\"},{\"id\":\"fitness\",\"name\":\"Fitness\"},"
    "{\"id\":\"food\",\"name\":\"Food\"},{\"id\":\"travel\",\"name\":\"Travel\"},"
    "{\"id\":\"science\",\"name\":\"Science\"},{\"id\":\"technology\",\"name\":\"Technology\"},"
    "{\"id\":\"education\",\"name\":\"Education\"},{\"id\":\"other\",\"name\":\"Other\"}]";

const struct option options_table[] = {
    LIST("allowedOrigins", allowed_origins, "*", "", options_is_origin, AT_ONCE,
         "origins that may read the API from other sites; * for any"),
    TEXT("clientBaseUrl", client_base_url, "", SAME, options_is_url, AT_ONCE,
         "base of links in mails; empty: http.publicUrl"),
    FLAG("deploySeparateContainers", deploy_separate_containers, false, false, AT_START,
         "make deploy starts one process a role"),
    FLAG("enableUserAutoVerify", user_auto_verify, true, false, AT_ONCE,
         "accounts are active at once, without a mail"),
    CHOICE("ivsChannelType", channel_type, "BASIC", "STANDARD",
           "BASIC|STANDARD|ADVANCED_SD|ADVANCED_HD", AT_ONCE,
           "type of new channels: input limits and ladder"),
    CHOICE("ivsAdvancedChannelTranscodePreset", transcode_preset, "", SAME,
           "|HIGHER_BANDWIDTH_DELIVERY|CONSTRAINED_BANDWIDTH_DELIVERY", AT_ONCE,
           "for the ADVANCED types only"),
    FLAG("multitrackInputConfiguration.enabled", multitrack.enabled, false, true, AT_ONCE,
         "encoders may send several renditions themselves"),
    CHOICE("multitrackInputConfiguration.maximumResolution", multitrack.maximum_resolution, "",
           "FULL_HD", "|SD|HD|FULL_HD", AT_ONCE, "highest rendition of a multitrack input"),
    CHOICE("multitrackInputConfiguration.policy", multitrack.policy, "", "ALLOW", "|ALLOW|REQUIRE",
           AT_ONCE, "whether channels may or must use multitrack input"),
    NUMBER("logRetention", log_retention_days, 7, 0, 0, 36500, AT_ONCE,
           "days to keep log files and audit rows; 0: for ever"),
    NUMBER("maxAzs", max_azs, 2, 3, 0, 100, AT_START, "accepted for old files, without effect"),
    NUMBER("natGateways", nat_gateways, 1, 2, 0, 100, AT_START,
           "accepted for old files, without effect"),
    NUMBER("minScalingCapacity", min_scaling_capacity, 1, 1, 1, 30, AT_START,
           "instances of each process that make deploy starts"),
    LIST("signUpAllowedDomains", sign_up_allowed_domains, "", SAME, options_is_domain, AT_ONCE,
         "e-mail domains that may register; none: any"),
    TEXT("stageName", stage_name, "dev", "prod", options_is_stage, AT_START,
         "shown in /api/config"),
    TEXT("productApiLocale", product_api_locale, "", SAME, options_is_locale, AT_ONCE,
         "marketplace of the product actions"),
    TEXT("productLinkRegionCode", product_link_region_code, "", SAME, options_is_region_code,
         AT_ONCE, "suffix of tracking ids"),
    FLAG("enableAmazonProductStreamAction", amazon_products, false, false, AT_ONCE,
         "offer the product action"),
    TEXT("region", region, "us-west-2", SAME, options_is_region, AT_START,
         "part of ARNs and stream keys"),
    TEXT("accountId", account_id, "000000000000", SAME, options_is_account, AT_START,
         "part of ARNs"),
    TEXT("dataDir", data_dir, "./data/<stage>", "/var/lib/klieg", options_is_text, AT_START,
         "where everything is kept; <data> below"),
    LIST("roles", roles, "all", SAME, options_is_role, AT_START, "the parts this process runs"),
    NUMBER("loops", loops, 0, 0, 0, 64, AT_START, "event loops, a thread each; 0: one a core"),
    CATEGORIES("categories", categories, built_in_categories, AT_ONCE,
               "categories of streams; at most 200"),

    TEXT("http.listen", http.listen, "127.0.0.1:8080", "0.0.0.0:8080", options_is_address, AT_START,
         "address of the web UI and the API; port 0: the system chooses"),
    TEXT("http.tlsListen", http.tls_listen, "", SAME, options_is_address, AT_START,
         "a further address that speaks TLS; in dev with a certificate made on the spot"),
    TEXT("http.publicUrl", http.public_url, "", SAME, options_is_url, AT_START,
         "where browsers reach this server; empty: http://localhost with the port of http.listen"),
    TEXT("http.tls.certFile", http.tls.cert_file, "", SAME, options_is_anything, AT_START,
         "PEM certificate chain; http.listen then speaks TLS"),
    TEXT("http.tls.keyFile", http.tls.key_file, "", SAME, options_is_anything, AT_START,
         "PEM private key"),
    LIST("http.trustedProxies", http.trusted_proxies, "", SAME, options_is_network, AT_START,
         "networks whose X-Forwarded-For is believed"),
    TEXT("http.opsListen", http.ops_listen, "127.0.0.1:9090", SAME, options_is_address, AT_START,
         "address of metrics and readiness; empty: off"),
    TEXT("http.uiDir", http.ui_dir, "<ui>", SAME, options_is_anything, AT_START,
         "folder of the built web UI; empty: serve none"),
    NUMBER("http.maxBodyBytes", http.max_body_bytes, 65536, 65536, 1024, 1048576, AT_START,
           "longest JSON body"),
    NUMBER("http.headerTimeoutSeconds", http.header_timeout_s, 10, 10, 1, 300, AT_START,
           "time for the head of a request"),
    NUMBER("http.bodyTimeoutSeconds", http.body_timeout_s, 30, 30, 1, 600, AT_START,
           "time for the body of a request"),
    NUMBER("http.idleTimeoutSeconds", http.idle_timeout_s, 75, 75, 1, 3600, AT_START,
           "time a connection may wait for its next request"),
    NUMBER("http.drainSeconds", http.drain_s, 10, 30, 0, 300, AT_START,
           "time to let connections finish at a stop"),
    NUMBER("http.maxConnections", http.max_connections, 20000, 20000, 10, 1000000, AT_START,
           "connections at once"),

    TEXT("rtmp.listen", rtmp.listen, "0.0.0.0:1935", SAME, options_is_address, AT_START,
         "address of RTMP ingest; empty: off"),
    TEXT("rtmp.tlsListen", rtmp.tls_listen, "", SAME, options_is_address, AT_START,
         "address of RTMPS ingest; empty: off, but 0.0.0.0:1936 outside dev when there is a "
         "certificate; in dev with a certificate made on the spot"),
    TEXT("rtmp.tls.certFile", rtmp.tls.cert_file, "", SAME, options_is_anything, AT_START,
         "PEM certificate chain; empty: that of http"),
    TEXT("rtmp.tls.keyFile", rtmp.tls.key_file, "", SAME, options_is_anything, AT_START,
         "PEM private key; empty: that of http"),
    FLAG("rtmp.insecureIngest", rtmp.insecure_ingest, true, false, AT_START,
         "accept plain RTMP from other machines"),
    TEXT("rtmp.publicUrl", rtmp.public_url, "", SAME, options_is_rtmp_url, AT_START,
         "what encoders are told; empty: from http.publicUrl and the ports here"),

    NUMBER("media.segmentMs", media.segment_ms, 2000, 2000, 1000, 6000, AT_START,
           "aim for the length of a segment"),
    NUMBER("media.partMs", media.part_ms, 333, 333, 100, 1000, AT_START,
           "aim for the length of a part; use 200 to 500"),
    NUMBER("media.windowSegments", media.window_segments, 14, 14, 6, 60, AT_START,
           "segments in a playlist"),
    NUMBER("media.reconnectWindowSeconds", media.reconnect_window_s, 30, 30, 0, 300, AT_START,
           "time an encoder has to come back"),
    NUMBER("media.thumbnailSeconds", media.thumbnail_s, 10, 10, 0, 60, AT_START,
           "time between thumbnails; 0: none"),
    CHOICE("media.transcode", media.transcode, "off", SAME, "off|software|hardware", AT_START,
           "how renditions are made"),
    CHOICE("media.limitAction", media.limit_action, "warn", "disconnect", "warn|disconnect",
           AT_START, "what happens to a stream over its limits"),
    NUMBER("media.maxLiveStreams", media.max_live_streams, 100, 100, 1, 100000, AT_START,
           "live streams at once"),
    NUMBER("media.maxViewersPerStream", media.max_viewers_per_stream, 0, 0, 0, INT32_MAX, AT_START,
           "viewers of a stream; 0: any number"),
    NUMBER("media.maxSessionHours", media.max_session_hours, 48, 48, 1, 8760, AT_START,
           "longest stream"),
    TEXT("media.webrtc.listen", media.webrtc_listen, "0.0.0.0:8443", SAME, options_is_address,
         AT_START, "address of WebRTC, UDP and TCP"),
    TEXT("media.webrtc.publicAddress", media.webrtc_public_address, "", SAME, options_is_anything,
         AT_START, "address that WebRTC peers are told; empty: detect"),
    TEXT("media.storeDir", media.store_dir, "<data>/live", SAME, options_is_text, AT_START,
         "older segments of live streams"),

    FLAG("chat.anonymousView", chat.anonymous_view, true, true, AT_START,
         "people may read chat without signing in"),
    NUMBER("chat.tokenMinutes", chat.token_minutes, 60, 60, 1, 180, AT_START,
           "life of a chat token"),
    NUMBER("chat.history", chat.history, 100, 100, 0, 100, AT_START,
           "most messages a client may ask for"),
    NUMBER("chat.retentionDays", chat.retention_days, 7, 7, 0, 365, AT_START,
           "days to keep messages"),
    NUMBER("chat.maximumMessageLength", chat.maximum_message_length, 500, 500, 1, 500, AT_START,
           "characters of a message"),
    NUMBER("chat.maxConnections", chat.max_connections, 50000, 50000, 1, 1000000, AT_START,
           "chat connections at once"),

    CHOICE("store.driver", store.driver, "sqlite", SAME, "sqlite|postgres", AT_START,
           "kind of database"),
    TEXT("store.path", store.path, "<data>/klieg.db", SAME, options_is_text, AT_START,
         "file of the SQLite database"),
    TEXT("store.url", store.url, "", SAME, options_is_anything, AT_START,
         "postgres://user@host/database, without password"),
    NUMBER("store.poolSize", store.pool_size, 4, 8, 1, 64, AT_START, "connections to the database"),

    CHOICE("bus.driver", bus.driver, "local", SAME, "local|nats", AT_START,
           "how nodes reach each other"),
    TEXT("bus.url", bus.url, "", SAME, options_is_anything, AT_START, "nats://host:4222"),
    TEXT("bus.prefix", bus.prefix, "klieg.<stageName>", SAME, options_is_text, AT_START,
         "first part of subjects"),

    CHOICE("objects.driver", objects.driver, "disk", SAME, "disk|s3", AT_START,
           "where images are kept"),
    TEXT("objects.path", objects.path, "<data>/objects", SAME, options_is_text, AT_START,
         "folder of images"),
    TEXT("objects.endpoint", objects.endpoint, "", SAME, options_is_url, AT_START,
         "URL of the S3 service"),
    TEXT("objects.bucket", objects.bucket, "", SAME, options_is_anything, AT_START,
         "bucket for images"),
    TEXT("objects.region", objects.region, "", SAME, options_is_anything, AT_START,
         "region of the bucket"),
    FLAG("objects.pathStyle", objects.path_style, true, true, AT_START,
         "the bucket stands in the path, not in the host name"),
    TEXT("objects.publicBaseUrl", objects.public_base_url, "", SAME, options_is_url, AT_START,
         "base of image URLs; empty: <publicUrl>/assets"),
    NUMBER("objects.presignSeconds", objects.presign_s, 60, 60, 10, 600, AT_START,
           "life of an upload form"),
    NUMBER("objects.avatarMaxBytes", objects.avatar_max_bytes, 1000000, 1000000, 1, 10000000,
           AT_START, "largest avatar"),
    NUMBER("objects.bannerMaxBytes", objects.banner_max_bytes, 5000000, 5000000, 1, 20000000,
           AT_START, "largest banner"),
    NUMBER("objects.maxMegapixels", objects.max_megapixels, 40, 40, 1, 100, AT_START,
           "largest picture"),

    NUMBER("auth.accessTokenMinutes", auth.access_token_minutes, 60, 60, 5, 60, AT_START,
           "life of an access token"),
    NUMBER("auth.refreshTokenDays", auth.refresh_token_days, 30, 30, 1, 90, AT_START,
           "life of a refresh token"),
    NUMBER("auth.sessionMaxDays", auth.session_max_days, 180, 180, 1, 3650, AT_START,
           "longest sign-in"),
    NUMBER("auth.confirmCodeHours", auth.confirm_code_hours, 24, 24, 1, 720, AT_START,
           "life of a confirmation code"),
    NUMBER("auth.resetCodeHours", auth.reset_code_hours, 1, 1, 1, 168, AT_START,
           "life of a password reset code"),
    NUMBER("auth.passwordMin", auth.password_min, 8, 8, 8, 64, AT_START, "shortest password"),
    NUMBER("auth.argon2.opsLimit", auth.argon2_ops_limit, 2, 2, 1, 20, AT_START,
           "passes of password hashing"),
    NUMBER("auth.argon2.memMiB", auth.argon2_mem_mib, 64, 64, 8, 1024, AT_START,
           "memory of password hashing"),
    NUMBER("auth.argon2.concurrency", auth.argon2_concurrency, 2, 2, 1, 64, AT_START,
           "passwords hashed at once"),
    NUMBER("auth.usernameHoldDays", auth.username_hold_days, 30, 30, 0, 3650, AT_START,
           "days an old name is held"),

    CHOICE("mail.driver", mail.driver, "file", "smtp", "smtp|file|none", AT_START,
           "how mail is sent"),
    TEXT("mail.host", mail.host, "", SAME, options_is_anything, AT_START, "mail server"),
    NUMBER("mail.port", mail.port, 587, 587, 1, 65535, AT_START, "its port"),
    CHOICE("mail.security", mail.security, "starttls", SAME, "starttls|tls|plain", AT_START,
           "how the connection is protected"),
    TEXT("mail.from", mail.from, "", SAME, options_is_anything, AT_START,
         "sender; required for smtp"),
    TEXT("mail.replyTo", mail.reply_to, "", SAME, options_is_anything, AT_START,
         "where answers go"),
    NUMBER("mail.perHour", mail.per_hour, 500, 500, 1, 1000000, AT_START, "mails an hour"),

    TEXT("secrets.file", secrets_file, "<data>/secrets.json", SAME, options_is_text, AT_START,
         "keys and passwords; mode 0600"),

    CHOICE("products.provider", products.provider, "creators", SAME, "creators|paapi5", AT_START,
           "product API"),
    CHOICE("products.offers", products.offers, "v2", SAME, "v2|v1", AT_START,
           "version of its offers"),
    TEXT("products.baseUrl", products.base_url, "", SAME, options_is_url, AT_START,
         "its address; empty: the public one"),

    FLAG("stages.enabled", stages.enabled, false, false, AT_START, "real-time guests"),
    FLAG("stages.openInvites", stages.open_invites, false, false, AT_START,
         "people may join by link alone"),
    NUMBER("stages.tokenMinutes", stages.token_minutes, 1440, 1440, 1, 20160, AT_START,
           "life of a stage token"),
    NUMBER("stages.hostGraceSeconds", stages.host_grace_s, 180, 180, 1, 3600, AT_START,
           "time a host has to come back"),
    NUMBER("stages.idleMinutes", stages.idle_minutes, 60, 60, 1, 10080, AT_START,
           "life of an empty stage"),

    NUMBER("jobs.unverifiedAfterHours", jobs.unverified_after_hours, 24, 24, 1, 8760, AT_START,
           "life of an unconfirmed account"),
    NUMBER("jobs.sessionHistoryDays", jobs.session_history_days, 455, 455, 1, 36500, AT_START,
           "days to keep ended streams"),

    CHOICE("log.level", log.level, "debug", "info", "error|warn|info|debug", AT_ONCE,
           "least important lines that are written"),
    CHOICE("log.format", log.format, "text", "json", "text|json", AT_START,
           "lines for people or JSON"),
    TEXT("log.file", log.file, "", SAME, options_is_anything, AT_START,
         "log file; empty: standard error"),

    LIMIT("limits.read", limits.read, 20, 1, 100, "GET requests of a client"),
    LIMIT("limits.write", limits.write, 5, 1, 30, "other requests of a client"),
    LIMIT("limits.signInPerAccount", limits.sign_in_per_account, 10, 900, 10,
          "failed sign-ins of an account"),
    LIMIT("limits.signInPerAddress", limits.sign_in_per_address, 30, 300, 30,
          "sign-ins from an address"),
    LIMIT("limits.registerPerAddress", limits.register_per_address, 10, 3600, 10,
          "registrations from an address"),
    LIMIT("limits.mailPerAccount", limits.mail_per_account, 3, 3600, 3, "mails to an account"),
    LIMIT("limits.mailPerAddress", limits.mail_per_address, 20, 3600, 20,
          "mails asked for from an address"),
    NUMBER("limits.codePerCode", limits.code_per_code, 5, 5, 0, 1000, AT_ONCE,
           "wrong tries that kill a code; 0: any number"),
    LIMIT("limits.codePerAddress", limits.code_per_address, 30, 600, 30,
          "codes tried from an address"),
    LIMIT("limits.refreshPerSession", limits.refresh_per_session, 10, 60, 10,
          "token refreshes of a session"),
    LIMIT("limits.chatToken", limits.chat_token, 30, 60, 30, "chat tokens of an account"),
    LIMIT("limits.chatTokenPerAddress", limits.chat_token_per_address, 60, 60, 60,
          "chat tokens of an anonymous address"),
    LIMIT("limits.streamKeyReset", limits.stream_key_reset, 5, 600, 5,
          "stream key resets of an account"),
    LIMIT("limits.rename", limits.rename, 3, 86400, 3, "renames of an account"),
    LIMIT("limits.upload", limits.upload, 20, 3600, 20, "images uploaded by an account"),
    LIMIT("limits.follow", limits.follow, 60, 60, 60, "follows and unfollows of an account"),
    LIMIT("limits.moderation", limits.moderation, 60, 60, 60, "moderation calls of an account"),
    LIMIT("limits.metadata", limits.metadata, 5, 1, 5, "timed metadata of a channel"),
    LIMIT("limits.metadataPerNode", limits.metadata_per_node, 155, 1, 155,
          "timed metadata of this server"),
    LIMIT("limits.pollCreate", limits.poll_create, 10, 60, 10, "polls of a channel"),
    LIMIT("limits.vote", limits.vote, 5, 1, 5, "votes of an account"),
    LIMIT("limits.quizAnswer", limits.quiz_answer, 5, 1, 5, "quiz answers of an account"),
    LIMIT("limits.search", limits.search, 5, 1, 20, "searches of a client"),
    LIMIT("limits.products", limits.products, 1, 1, 1, "product look-ups of an account"),
    LIMIT("limits.productsUpstream", limits.products_upstream, 1, 1, 1, "calls to the product API"),
    LIMIT("limits.chatRequestsPerConnection", limits.chat_requests_per_connection, 10, 1, 10,
          "requests on a chat connection"),
    LIMIT("limits.chatMessagesPerSender", limits.chat_messages_per_sender, 5, 5, 5,
          "messages of a person"),
    LIMIT("limits.chatMessagesPerModerator", limits.chat_messages_per_moderator, 20, 5, 20,
          "messages of a moderator"),
    LIMIT("limits.chatMessagesPerRoom", limits.chat_messages_per_room, 100, 1, 100,
          "messages in a room"),
    NUMBER("limits.followsPerUser", limits.follows_per_user, 10000, 10000, 0, INT32_MAX, AT_ONCE,
           "channels an account may follow; 0: any number"),
    NUMBER("limits.moderatorsPerChannel", limits.moderators_per_channel, 100, 100, 0, INT32_MAX,
           AT_ONCE, "moderators of a channel; 0: any number"),
    NUMBER("limits.blockedTermsPerChannel", limits.blocked_terms_per_channel, 500, 500, 0,
           INT32_MAX, AT_ONCE, "blocked terms of a channel; 0: any number"),
    NUMBER("limits.eventsConnections", limits.events_connections, 10, 10, 0, INT32_MAX, AT_ONCE,
           "push connections of an account; 0: any number"),
};
const size_t options_table_len = sizeof(options_table) / sizeof(*options_table);

const struct option *options_find(struct str path)
{
    for (size_t i = 0; i < options_table_len; i++)
        if (str_equal(path, str_of(options_table[i].path)))
            return &options_table[i];
    return NULL;
}
