/* Signing in and out (API contract §2.2.6 to 2.2.9). */
#include "api/accounts_inside.h"
#include "api/fields.h"
#include "api/reply.h"
#include "api/work.h"
#include "base/clock.h"
#include "proto/http/query_reader.h"
#include "store/throttles.h"

#include <stdio.h>

/* --- POST /session --- */

struct sign_in_body {
    struct str username, password, mode;
};

static const struct field sign_in_fields[] = {
    {"username", FIELD_LINE, offsetof(struct sign_in_body, username), .is_required = true},
    {"password", FIELD_OPAQUE, offsetof(struct sign_in_body, password), .is_required = true},
    {"mode", FIELD_LINE, offsetof(struct sign_in_body, mode), .is_required = false},
};
static const struct fields sign_in_schema = {
    .at = sign_in_fields, .count = sizeof(sign_in_fields) / sizeof(*sign_in_fields)};

struct attempt {
    const struct accounts_api *api;
    struct arena *arena;
    struct sign_in_body body;
    struct store_account account;
    struct str failure_key;
    struct accounts_hashing hashing;
    struct accounts_sign_in sign_in;
    enum err err;
    unsigned wait_s;
};

static struct store_throttle throttle_of(const struct attempt *attempt)
{
    const struct accounts_limit *limit = &attempt->api->failures;
    return (struct store_throttle){.key = attempt->failure_key,
                                   .count = limit->count,
                                   .window_s = limit->seconds,
                                   .lock_s = limit->seconds,
                                   .now_us = clock_wall_us()};
}

/* An account that is not there is locked as one that is. */
static void find_account(void *arg)
{
    struct attempt *attempt = arg;
    struct store *store = attempt->api->store;
    enum err err =
        store_account_find(store, attempt->body.username, attempt->arena, &attempt->account);
    if (err == ERR_NOT_FOUND)
        attempt->account = (struct store_account){.password_hash = ""};
    else if (err) {
        attempt->err = err;
        return;
    }
    attempt->failure_key = err ? accounts_key(attempt->arena, "sign-in", attempt->body.username)
                               : accounts_failure_key(attempt->arena, attempt->account.id);
    struct store_throttle throttle = throttle_of(attempt);
    attempt->err = store_throttle_check(store, &throttle, &attempt->wait_s);
}

static void count_failure(void *arg)
{
    struct attempt *attempt = arg;
    struct store_throttle throttle = throttle_of(attempt);
    /* ERR_LIMIT: it was locked meanwhile, which is as good. */
    attempt->err = store_throttle_count(attempt->api->store, &throttle, &attempt->wait_s);
}

static void on_failure_counted(struct request *request, void *arg)
{
    (void)arg;
    errors_reply(request, &(struct api_error){.status = 401,
                                              .type = "NotAuthorized",
                                              .message = "Name or password is wrong."});
}

static void sign_in(void *arg)
{
    struct attempt *attempt = arg;
    attempt->err = accounts_sign_in(&attempt->sign_in);
    if (!attempt->err)
        attempt->err = store_throttle_clear(attempt->api->store, attempt->failure_key);
}

static void on_signed_in(struct request *request, void *arg)
{
    const struct attempt *attempt = arg;
    const struct accounts_sign_in *done = &attempt->sign_in;
    if (attempt->err)
        errors_reply_status(request, 500);
    else
        accounts_reply_tokens(request, attempt->api, 201,
                              &(struct accounts_session){.account = &done->account,
                                                         .session_id = done->session_id.at,
                                                         .token = &done->token,
                                                         .is_cookie = done->is_cookie});
}

static void on_checked(struct request *request, void *arg)
{
    static const struct api_error unconfirmed = {
        .status = 403,
        .type = "UserNotConfirmed",
        .message = "Confirm the e-mail address first, with the link in the mail."};
    struct attempt *attempt = arg;
    const struct passwords_job *job = &attempt->hashing.job;
    if (job->err == ERR_DENIED) {
        work_run(request, count_failure, on_failure_counted, attempt);
    } else if (!attempt->account.is_active) {
        errors_reply(request, &unconfirmed);
    } else {
        attempt->sign_in.account_id = attempt->account.id;
        attempt->sign_in.renewed_hash = job->new_hash[0] != '\0' ? job->new_hash : NULL;
        work_run(request, sign_in, on_signed_in, attempt);
    }
}

static void on_found(struct request *request, void *arg)
{
    struct attempt *attempt = arg;
    if (attempt->err == ERR_LIMIT) {
        accounts_refuse_limit(request, attempt->wait_s);
    } else if (attempt->err) {
        errors_reply_status(request, 500);
    } else {
        attempt->hashing = (struct accounts_hashing){
            .job = {.is_check = true, .password = {attempt->body.password}},
            .request = request,
            .done = on_checked,
            .arg = attempt};
        (void)snprintf(attempt->hashing.job.hash, sizeof(attempt->hashing.job.hash), "%s",
                       attempt->account.password_hash); /* of libsodium: it fits */
        accounts_hash(attempt->api, &attempt->hashing);
    }
}

/* Where the tokens go. False: it was answered. */
static bool choose_mode(struct request *request, const struct accounts_api *api, struct str mode,
                        bool *out_is_cookie)
{
    static const struct api_error unknown = {
        .status = 400, .message = "The mode is cookie or token.", .field = "mode"};
    static const struct api_error cross_site = {
        .status = 403, .message = "Only our own pages get cookies.", .field = "mode"};
    bool is_same_origin = auth_is_same_origin(api->auth, request);
    bool is_cookie = mode.len > 0 ? str_equal(mode, STR("cookie")) : is_same_origin;
    if (mode.len > 0 && !is_cookie && !str_equal(mode, STR("token"))) {
        errors_reply(request, &unknown);
        return false;
    }
    if (is_cookie && !is_same_origin) {
        errors_reply(request, &cross_site);
        return false;
    }
    *out_is_cookie = is_cookie;
    return true;
}

static void on_sign_in(struct request *request, void *arg)
{
    struct attempt *attempt = arena_alloc(request->arena, sizeof(*attempt));
    attempt->api = arg;
    attempt->arena = request->arena;
    accounts_prepare_sign_in(&attempt->sign_in, arg, request);
    if (fields_take(request, &sign_in_schema, &attempt->body) &&
        choose_mode(request, arg, attempt->body.mode, &attempt->sign_in.is_cookie))
        work_run(request, find_account, on_found, attempt);
}

/* --- GET /session --- */

struct own_look_up {
    const struct accounts_api *api;
    const struct caller *caller;
    struct arena *arena;
    struct store_account account;
    enum err err;
};

static void find_own(void *arg)
{
    struct own_look_up *look_up = arg;
    look_up->err = store_account_find_by_id(look_up->api->store, look_up->caller->who.user_id,
                                            look_up->arena, &look_up->account);
}

static void on_own_found(struct request *request, void *arg)
{
    const struct own_look_up *look_up = arg;
    if (look_up->err)
        errors_reply_status(request, look_up->err == ERR_NOT_FOUND ? 401 : 500);
    else
        accounts_reply_caller(request, look_up->api, &look_up->account, look_up->caller);
}

static void on_get_session(struct request *request, void *arg)
{
    const struct caller *caller = routes_caller(request);
    if (caller == NULL) {
        reply_json_fresh(request, 200, json_pack("{sn}", "user"), NULL, 0);
        return;
    }
    struct own_look_up *look_up = arena_alloc(request->arena, sizeof(*look_up));
    *look_up = (struct own_look_up){.api = arg, .caller = caller, .arena = request->arena};
    work_run(request, find_own, on_own_found, look_up);
}

/* --- POST /session/refresh --- */

struct refresh_body {
    struct str refresh_token;
};

static const struct field refresh_fields[] = {
    {"refreshToken", FIELD_OPAQUE, offsetof(struct refresh_body, refresh_token),
     .is_required = false},
};
static const struct fields refresh_schema = {.at = refresh_fields, .count = 1};

struct refresh {
    const struct accounts_api *api;
    struct arena *arena;
    struct secret used;
    bool is_cookie;
    char address[CONN_ADDRESS_LEN];
    struct account_token next;
    struct store_refreshed found;
    enum err err;
    unsigned wait_s;
};

/* Before the token is used: who is sent away must be able to come back with it. */
static enum err limit_refresh(struct refresh *refresh, const uint8_t hash[ACCOUNT_HASH_LEN])
{
    struct store_caller who;
    if (store_sign_in_find(refresh->api->store, hash, clock_wall_us(), &who) != ERR_OK)
        return ERR_OK; /* refused, or has to be ended */
    refresh->wait_s = limiter_take(refresh->api->limiter, LIMITER_REFRESH, str_of(who.session_id),
                                   clock_monotonic_us());
    return refresh->wait_s > 0 ? ERR_LIMIT : ERR_OK;
}

static void use_token(void *arg)
{
    struct refresh *refresh = arg;
    const struct accounts_api *api = refresh->api;
    refresh->next = account_token_create(api->random);
    struct store_refresh use = {.now_us = clock_wall_us(),
                                .token_life_us = api->refresh_life_us,
                                .address = refresh->address};
    account_hash(refresh->used, use.hash);
    account_hash((struct secret){str_of(refresh->next.at)}, use.new_hash);
    refresh->err = limit_refresh(refresh, use.hash);
    if (refresh->err)
        return;
    refresh->err = store_sign_in_refresh(api->store, &use, refresh->arena, &refresh->found);
    if (refresh->err == ERR_DENIED && refresh->found.account.id[0] != '\0')
        auth_forget(api->auth, refresh->found.account.id);
}

static void refuse_refresh(struct request *request, const struct accounts_api *api)
{
    static const struct api_error ended = {
        .status = 401, .type = "NotAuthorized", .message = "This sign-in is over; sign in again."};
    struct http_header cookies[2];
    accounts_clear_cookies(api, request->arena, cookies);
    errors_reply_with(request, &ended, cookies, 2);
}

static void on_refreshed(struct request *request, void *arg)
{
    const struct refresh *refresh = arg;
    if (refresh->err == ERR_LIMIT)
        errors_reply(request, &(struct api_error){.status = 429, .retry_after_s = refresh->wait_s});
    else if (refresh->err == ERR_DENIED || refresh->err == ERR_NOT_FOUND)
        refuse_refresh(request, refresh->api);
    else if (refresh->err)
        errors_reply_status(request, 500);
    else
        accounts_reply_tokens(request, refresh->api, 200,
                              &(struct accounts_session){.account = &refresh->found.account,
                                                         .session_id = refresh->found.session_id,
                                                         .token = &refresh->next,
                                                         .is_cookie = refresh->is_cookie});
}

static void on_refresh(struct request *request, void *arg)
{
    const struct accounts_api *api = arg;
    struct refresh_body body = {0};
    if (!fields_take(request, &refresh_schema, &body))
        return;
    struct refresh *refresh = arena_alloc(request->arena, sizeof(*refresh));
    refresh->api = api;
    refresh->arena = request->arena;
    refresh->is_cookie = body.refresh_token.len == 0;
    refresh->used = refresh->is_cookie ? auth_read_cookie(api->auth, AUTH_COOKIE_REFRESH, request)
                                       : (struct secret){body.refresh_token};
    request_client_text(request, refresh->address);
    if (refresh->used.value.len == 0)
        refuse_refresh(request, api);
    else if (refresh->is_cookie && !auth_is_same_origin(api->auth, request))
        errors_reply_status(request, 403);
    else
        work_run(request, use_token, on_refreshed, refresh);
}

/* --- DELETE /session --- */

struct sign_out {
    const struct accounts_api *api;
    const struct caller *caller; /* NULL: known by its refresh token, if at all */
    struct secret refresh_token;
    bool is_everywhere;
    enum err err;
};

static void sign_out(void *arg)
{
    struct sign_out *job = arg;
    struct store *store = job->api->store;
    struct store_caller who;
    uint8_t hash[ACCOUNT_HASH_LEN];
    int64_t now_us = clock_wall_us();
    if (job->caller != NULL) {
        who = job->caller->who;
    } else {
        account_hash(job->refresh_token, hash);
        enum err err = store_sign_in_find(store, hash, now_us, &who);
        job->err = err == ERR_NOT_FOUND ? ERR_OK : err;
        if (err)
            return;
    }
    job->err = store_sign_in_end(
        store, &(struct store_sign_out){.account_id = who.user_id,
                                        .session_id = job->is_everywhere ? NULL : who.session_id,
                                        .reason = "sign-out",
                                        .now_us = now_us});
    if (!job->err)
        auth_forget(job->api->auth, who.user_id);
}

static void on_signed_out(struct request *request, void *arg)
{
    const struct sign_out *job = arg;
    struct http_header cookies[2];
    accounts_clear_cookies(job->api, request->arena, cookies);
    if (job->err)
        errors_reply_status(request, 500);
    else
        reply_json_fresh(request, 204, NULL, cookies, 2);
}

static void on_sign_out(struct request *request, void *arg)
{
    struct sign_out *job = arena_alloc(request->arena, sizeof(*job));
    *job = (struct sign_out){.api = arg, .caller = routes_caller(request)};
    struct str everywhere = {0};
    enum err err = http_query_find(request->query, STR("everywhere"), request->arena, &everywhere);
    job->is_everywhere = str_equal(everywhere, STR("true"));
    if (job->caller == NULL)
        job->refresh_token = auth_read_cookie(job->api->auth, AUTH_COOKIE_REFRESH, request);
    if (err == ERR_MALFORMED ||
        (!err && !job->is_everywhere && !str_equal(everywhere, STR("false"))))
        errors_reply(request, &(struct api_error){.status = 400,
                                                  .message = "everywhere is true or false.",
                                                  .field = "everywhere"});
    else if (job->caller == NULL && job->refresh_token.value.len == 0)
        on_signed_out(request, job);
    else if (job->caller == NULL && !auth_is_same_origin(job->api->auth, request))
        errors_reply_status(request, 403);
    else
        work_run(request, sign_out, on_signed_out, job);
}

void accounts_add_session_routes(struct routes *routes, const struct accounts_api *api)
{
    static const struct route table[] = {
        {HTTP_POST, "/api/session", on_sign_in, .limit = LIMITER_SIGN_IN},
        {HTTP_GET, "/api/session", on_get_session, .auth = AUTH_OPTIONAL},
        {HTTP_DELETE, "/api/session", on_sign_out, .auth = AUTH_STALE_OK},
        {HTTP_POST, "/api/session/refresh", on_refresh, .auth = AUTH_PUBLIC},
    };
    routes_add(routes, table, sizeof(table) / sizeof(*table),
               (void *)(uintptr_t)api); /* read only */
}
