#include "api/accounts.h"

#include "api/accounts_inside.h"
#include "api/reply.h"
#include "base/clock.h"
#include "base/text.h"
#include "log/log.h"
#include "store/throttles.h"

enum { MAX_TEXT = 254 /* bytes of a name or an address that can exist */, MAX_ARN = 200 };

void accounts_add_routes(struct routes *routes, const struct accounts_api *api)
{
    accounts_add_register_routes(routes, api);
    accounts_add_session_routes(routes, api);
    accounts_add_password_routes(routes, api);
}

/* --- Hashing in a request --- */

static void on_hashed(struct loop *loop, void *arg)
{
    (void)loop;
    struct accounts_hashing *hashing = arg;
    static const struct api_error saturated = {
        .status = 503,
        .message = "Too many people sign in at once; try again in a moment.",
        .retry_after_s = 1};
    if (hashing->job.err == ERR_LIMIT)
        errors_reply(hashing->request, &saturated);
    else if (hashing->job.err && hashing->job.err != ERR_DENIED)
        errors_reply_status(hashing->request, 500);
    else
        hashing->done(hashing->request, hashing->arg);
}

void accounts_hash(const struct accounts_api *api, struct accounts_hashing *hashing)
{
    hashing->job.loop = hashing->request->loop;
    hashing->job.done = on_hashed;
    hashing->job.arg = hashing;
    request_keep(hashing->request, NULL, NULL);
    passwords_run(api->passwords, &hashing->job);
}

/* --- Sign-in sessions --- */

void accounts_prepare_sign_in(struct accounts_sign_in *sign_in, const struct accounts_api *api,
                              struct request *request)
{
    sign_in->api = api;
    sign_in->arena = request->arena;
    sign_in->user_agent = request_header(request, STR("user-agent"));
    request_client_text(request, sign_in->address);
}

static enum err open_session(struct accounts_sign_in *sign_in, int64_t now_us)
{
    const struct accounts_api *api = sign_in->api;
    sign_in->session_id = account_session_id_create(api->random);
    sign_in->token = account_token_create(api->random);
    int64_t ends_at_us = now_us + api->session_life_us;
    struct store_new_sign_in new = {
        .account_id = sign_in->account_id,
        .id = sign_in->session_id,
        .now_us = now_us,
        .token_expires_at_us = account_refresh_expiry(now_us, api->refresh_life_us, ends_at_us),
        .ends_at_us = ends_at_us,
        .mode = sign_in->is_cookie ? "cookie" : "token",
        .user_agent = text_is_utf8(sign_in->user_agent) ? sign_in->user_agent : STR(""),
        .address = sign_in->address,
        .renewed_password_hash = sign_in->renewed_hash,
    };
    account_hash((struct secret){str_of(sign_in->token.at)}, new.token_hash);
    return store_sign_in_create(api->store, &new);
}

enum err accounts_sign_in(struct accounts_sign_in *sign_in)
{
    struct store *store = sign_in->api->store;
    int64_t now_us = clock_wall_us();
    enum err err =
        store_account_find_by_id(store, sign_in->account_id, sign_in->arena, &sign_in->account);
    if (err)
        return err;
    bool is_first = sign_in->account.channel_id.at[0] == '\0';
    if (is_first)
        err = provision_channel(&sign_in->api->provision, sign_in->account_id, now_us);
    if (err && err != ERR_CONFLICT) /* ERR_CONFLICT: another sign-in was first */
        log_warn("accounts", "cannot provision a channel", "user=%s", sign_in->account_id);
    err = open_session(sign_in, now_us);
    if (!err && is_first)
        err =
            store_account_find_by_id(store, sign_in->account_id, sign_in->arena, &sign_in->account);
    return err;
}

/* --- Answers --- */

static json_t *build_arn(const struct accounts_api *api, const struct channel_id *id)
{
    struct buf arn;
    buf_init(&arn, MAX_ARN);
    channel_put_arn(&arn, str_of(api->region), str_of(api->account_id), str_of(id->at));
    json_t *value = json_stringn((const char *)arn.at, arn.len);
    buf_finish(&arn);
    return value;
}

static json_t *build_user(const struct accounts_api *api, const struct store_account *account)
{
    json_t *user = json_pack("{ss ss ss ss ss s{}}", "id", account->id, "username", account->name,
                             "email", account->email, "avatar", account->avatar, "color",
                             account->color, "channelAssetUrls");
    if (account->channel_id.at[0] != '\0') {
        /* Setting aborts or succeeds. */
        (void)json_object_set_new(user, "channelId", json_string(account->channel_id.at));
        (void)json_object_set_new(user, "channelArn", build_arn(api, &account->channel_id));
        (void)json_object_set_new(user, "trackingId", json_string(account->tracking_id));
    }
    return user;
}

static json_t *build_session(const struct accounts_api *api, const struct store_account *account,
                             const char *session_id, int64_t expires_us)
{
    char expires[CLOCK_ISO_LEN + 1];
    clock_format_iso(expires_us, expires);
    return json_pack("{so ss ss}", "user", build_user(api, account), "sessionId", session_id,
                     "expiresAt", expires);
}

void accounts_reply_tokens(struct request *request, const struct accounts_api *api, unsigned status,
                           const struct accounts_session *session)
{
    struct auth_grant grant = {.user_id = session->account->id,
                               .session_id = session->session_id,
                               .username = session->account->name,
                               .now_us = clock_wall_us()};
    int64_t expires_us = 0;
    struct secret access = auth_issue(api->auth, &grant, request->arena, &expires_us);
    struct secret refresh = {str_of(session->token->at)};
    json_t *body = build_session(api, session->account, session->session_id, expires_us);
    struct http_header cookies[2];
    if (session->is_cookie) {
        cookies[0] = auth_set_cookie(api->auth, AUTH_COOKIE_ACCESS, access, request->arena);
        cookies[1] = auth_set_cookie(api->auth, AUTH_COOKIE_REFRESH, refresh, request->arena);
    } else {
        (void)json_object_set_new(body, "accessToken",
                                  json_stringn(access.value.at, access.value.len));
        (void)json_object_set_new(body, "refreshToken",
                                  json_stringn(refresh.value.at, refresh.value.len));
    }
    reply_json_fresh(request, status, body, cookies, session->is_cookie ? 2 : 0);
}

void accounts_reply_caller(struct request *request, const struct accounts_api *api,
                           const struct store_account *account, const struct caller *caller)
{
    reply_json_fresh(request, 200,
                     build_session(api, account, caller->who.session_id, caller->expires_us), NULL,
                     0);
}

void accounts_clear_cookies(const struct accounts_api *api, struct arena *arena,
                            struct http_header out[2])
{
    const struct secret none = {{0}};
    out[0] = auth_set_cookie(api->auth, AUTH_COOKIE_ACCESS, none, arena);
    out[1] = auth_set_cookie(api->auth, AUTH_COOKIE_REFRESH, none, arena);
}

/* --- Smaller things --- */

struct str accounts_key(struct arena *arena, const char *kind, struct str text)
{
    uint8_t hash[ACCOUNT_HASH_LEN];
    char hex[2 * ACCOUNT_HASH_LEN + 1];
    char *folded = arena_alloc(arena, text.len + 1);
    channel_name_fold(text, folded);
    account_hash((struct secret){{folded, text.len}}, hash);
    text_hex(hash, sizeof(hash), hex);
    return arena_printf(arena, "%s:%s", kind, hex);
}

struct str accounts_failure_key(struct arena *arena, const char *account_id)
{
    return arena_printf(arena, "sign-in:%s", account_id);
}

void accounts_refuse_limit(struct request *request, unsigned wait_s)
{
    errors_reply(request, &(struct api_error){.status = 429,
                                              .type = "LimitExceeded",
                                              .message = "Too many tries; wait for a while.",
                                              .retry_after_s = wait_s > 0 ? wait_s : 1});
}

void accounts_refuse_code(struct request *request, enum account_code_verdict verdict)
{
    static const struct api_error wrong = {.status = 400,
                                           .type = "CodeMismatch",
                                           .message = "This is not the code from the last mail.",
                                           .field = "code"};
    static const struct api_error expired = {
        .status = 400,
        .type = "ExpiredCode",
        .message = "This code is used up or has expired; ask for a new one.",
        .field = "code"};
    errors_reply(request, verdict == ACCOUNT_CODE_WRONG ? &wrong : &expired);
}

/* --- Mailing codes --- */

/* Outlives the request it came from. */
struct errand {
    const struct accounts_api *api;
    enum account_purpose purpose;
    struct arena arena;
    struct str text;
    bool has_code;
    struct store_account account;
    struct account_code code;
};

/* A known account that is not confirmed yet gets a code to confirm it, whatever was asked (D22). */
static bool choose(struct errand *errand)
{
    enum err err =
        store_account_find(errand->api->store, errand->text, &errand->arena, &errand->account);
    if (err)
        return false; /* nobody, or the store logged why */
    if (!errand->account.is_active)
        errand->purpose = ACCOUNT_CONFIRM;
    return !errand->account.is_active || errand->purpose == ACCOUNT_RESET;
}

static void run_errand(void *arg)
{
    struct errand *errand = arg;
    const struct accounts_api *api = errand->api;
    if (!choose(errand))
        return;
    int64_t now_us = clock_wall_us();
    bool is_confirm = errand->purpose == ACCOUNT_CONFIRM;
    struct store_new_code new = {
        .expires_at_us = now_us + (is_confirm ? api->confirm_life_us : api->reset_life_us)};
    errand->code = account_code_create(api->random);
    account_hash((struct secret){str_of(errand->code.at)}, new.hash);
    errand->has_code =
        store_code_put(api->store, errand->account.id, errand->purpose, &new, now_us) == ERR_OK;
}

static void end_errand(struct loop *loop, void *arg)
{
    struct errand *errand = arg;
    struct mail_letter letter = {.kind =
                                     errand->purpose == ACCOUNT_CONFIRM ? MAIL_CONFIRM : MAIL_RESET,
                                 .to = str_of(errand->has_code ? errand->account.email : ""),
                                 .name = str_of(errand->account.name),
                                 .code = {str_of(errand->code.at)}};
    if (errand->has_code)
        mail_send(errand->api->mail, loop, &letter);
    struct arena arena = errand->arena; /* which the errand itself lies in */
    arena_finish(&arena);
}

enum err accounts_mail_code(const struct accounts_api *api, struct loop *loop,
                            enum account_purpose purpose, struct str text)
{
    struct arena arena;
    arena_init(&arena, sizeof(struct errand) + MAX_TEXT + MAX_TEXT);
    text.len = text.len <= MAX_TEXT ? text.len : 0; /* nobody's */
    struct str copy = arena_copy(&arena, text);
    struct errand *errand = arena_alloc(&arena, sizeof(*errand));
    *errand = (struct errand){.api = api, .purpose = purpose, .arena = arena, .text = copy};
    enum err err = loop_work(loop, run_errand, end_errand, errand);
    if (err)
        arena_finish(&arena);
    return err;
}
