/* Forgotten and changed passwords (API contract §2.2.10 to 2.2.12). */
#include "api/accounts_inside.h"
#include "api/fields.h"
#include "api/reply.h"
#include "api/work.h"
#include "base/clock.h"
#include "store/throttles.h"

#include <stdio.h>

static void refuse_password(struct request *request, const char *message)
{
    errors_reply(request, &(struct api_error){.status = 400,
                                              .type = "InvalidPassword",
                                              .message = message,
                                              .field = "newPassword"});
}

/* --- POST /channel/password/reset --- */

struct reset_body {
    struct str email;
};

static const struct field reset_fields[] = {
    {"email", FIELD_LINE, offsetof(struct reset_body, email), .is_required = true},
};
static const struct fields reset_schema = {.at = reset_fields, .count = 1};

struct reset {
    const struct accounts_api *api;
    struct arena *arena;
    struct reset_body body;
    enum err err;
    unsigned wait_s;
};

static void count_reset(void *arg)
{
    struct reset *reset = arg;
    const struct accounts_limit *limit = &reset->api->mails;
    struct store_throttle throttle = {
        .key = accounts_key(reset->arena, "mail-reset", reset->body.email),
        .count = limit->count,
        .window_s = limit->seconds,
        .now_us = clock_wall_us()};
    reset->err = store_throttle_count(reset->api->store, &throttle, &reset->wait_s);
}

/* A name is no address, and gets no mail. */
static enum err send_code(const struct reset *reset, struct loop *loop)
{
    bool is_email = account_email_is_valid(reset->body.email);
    return accounts_mail_code(reset->api, loop, ACCOUNT_RESET,
                              is_email ? reset->body.email : STR(""));
}

static void on_counted(struct request *request, void *arg)
{
    static const struct api_error failed = {.status = 500, .type = "ForgotPassword"};
    const struct reset *reset = arg;
    if (reset->err == ERR_LIMIT)
        accounts_refuse_limit(request, reset->wait_s);
    else if (reset->err || send_code(reset, request->loop) != ERR_OK)
        errors_reply(request, &failed);
    else
        reply_json_fresh(request, 200, json_object(), NULL, 0);
}

static void on_reset(struct request *request, void *arg)
{
    struct reset *reset = arena_alloc(request->arena, sizeof(*reset));
    reset->api = arg;
    reset->arena = request->arena;
    if (fields_take(request, &reset_schema, &reset->body))
        work_run(request, count_reset, on_counted, reset);
}

/* --- POST /password/confirm --- */

struct new_body {
    struct str username, code, new_password;
};

static const struct field new_fields[] = {
    {"username", FIELD_LINE, offsetof(struct new_body, username), .is_required = true},
    {"code", FIELD_OPAQUE, offsetof(struct new_body, code), .is_required = true},
    {"newPassword", FIELD_OPAQUE, offsetof(struct new_body, new_password), .is_required = true},
};
static const struct fields new_schema = {.at = new_fields,
                                         .count = sizeof(new_fields) / sizeof(*new_fields)};

struct renewal {
    const struct accounts_api *api;
    struct arena *arena;
    struct new_body body;
    struct accounts_hashing hashing;
    enum err err;
    enum account_code_verdict verdict;
    struct store_account account;
};

static void use_code(void *arg)
{
    struct renewal *renewal = arg;
    const struct accounts_api *api = renewal->api;
    struct store_code_use use = {.name = renewal->body.username,
                                 .purpose = ACCOUNT_RESET,
                                 .max_attempts = api->max_code_attempts,
                                 .password_hash = renewal->hashing.job.new_hash,
                                 .now_us = clock_wall_us()};
    account_hash((struct secret){renewal->body.code}, use.hash);
    renewal->err =
        store_code_use(api->store, &use, renewal->arena, &renewal->verdict, &renewal->account);
    if (renewal->err || renewal->verdict != ACCOUNT_CODE_OK)
        return;
    auth_forget(api->auth, renewal->account.id);
    renewal->err =
        store_throttle_clear(api->store, accounts_failure_key(renewal->arena, renewal->account.id));
}

static void on_used(struct request *request, void *arg)
{
    const struct renewal *renewal = arg;
    if (renewal->err)
        errors_reply_status(request, 500);
    else if (renewal->verdict != ACCOUNT_CODE_OK)
        accounts_refuse_code(request, renewal->verdict);
    else
        reply_json_fresh(request, 200, json_object(), NULL, 0);
}

static void on_new_hashed(struct request *request, void *arg)
{
    work_run(request, use_code, on_used, arg);
}

static void on_confirm(struct request *request, void *arg)
{
    struct renewal *renewal = arena_alloc(request->arena, sizeof(*renewal));
    renewal->api = arg;
    renewal->arena = request->arena;
    if (!fields_take(request, &new_schema, &renewal->body))
        return;
    struct secret password = {renewal->body.new_password};
    if (!account_password_is_strong(&renewal->api->rules, password)) {
        refuse_password(request, account_reason(ACCOUNT_PASSWORD_WEAK));
        return;
    }
    renewal->hashing = (struct accounts_hashing){.job = {.new_password = password},
                                                 .request = request,
                                                 .done = on_new_hashed,
                                                 .arg = renewal};
    accounts_hash(renewal->api, &renewal->hashing);
}

/* --- PUT /account/password --- */

struct change_body {
    struct str current_password, new_password;
};

static const struct field change_fields[] = {
    {"currentPassword", FIELD_OPAQUE, offsetof(struct change_body, current_password),
     .is_required = true},
    {"newPassword", FIELD_OPAQUE, offsetof(struct change_body, new_password), .is_required = true},
};
static const struct fields change_schema = {.at = change_fields, .count = 2};

struct change {
    const struct accounts_api *api;
    struct arena *arena;
    const struct caller *caller;
    struct change_body body;
    struct store_account account;
    struct accounts_hashing hashing;
    struct accounts_sign_in sign_in;
    enum err err;
};

static void find_account(void *arg)
{
    struct change *change = arg;
    change->err = store_account_find_by_id(change->api->store, change->caller->who.user_id,
                                           change->arena, &change->account);
}

static void set_password(void *arg)
{
    struct change *change = arg;
    const struct accounts_api *api = change->api;
    change->err = store_account_set_password(api->store, change->account.id,
                                             change->hashing.job.new_hash, clock_wall_us());
    if (change->err)
        return;
    auth_forget(api->auth, change->account.id);
    change->err = accounts_sign_in(&change->sign_in);
}

static void on_set(struct request *request, void *arg)
{
    const struct change *change = arg;
    const struct accounts_sign_in *done = &change->sign_in;
    if (change->err)
        errors_reply_status(request, 500);
    else
        accounts_reply_tokens(request, change->api, 200,
                              &(struct accounts_session){.account = &done->account,
                                                         .session_id = done->session_id.at,
                                                         .token = &done->token,
                                                         .is_cookie = done->is_cookie});
}

static void on_checked(struct request *request, void *arg)
{
    static const struct api_error wrong = {.status = 403,
                                           .type = "NotAuthorized",
                                           .message = "This is not the current password.",
                                           .field = "currentPassword"};
    struct change *change = arg;
    if (change->hashing.job.err == ERR_DENIED)
        errors_reply(request, &wrong);
    else
        work_run(request, set_password, on_set, change);
}

static void on_found(struct request *request, void *arg)
{
    struct change *change = arg;
    if (change->err) {
        errors_reply_status(request, change->err == ERR_NOT_FOUND ? 401 : 500);
        return;
    }
    change->hashing =
        (struct accounts_hashing){.job = {.is_check = true,
                                          .password = {change->body.current_password},
                                          .new_password = {change->body.new_password}},
                                  .request = request,
                                  .done = on_checked,
                                  .arg = change};
    (void)snprintf(change->hashing.job.hash, sizeof(change->hashing.job.hash), "%s",
                   change->account.password_hash); /* of libsodium: it fits */
    accounts_hash(change->api, &change->hashing);
}

static void on_change(struct request *request, void *arg)
{
    struct change *change = arena_alloc(request->arena, sizeof(*change));
    change->api = arg;
    change->arena = request->arena;
    change->caller = routes_caller(request);
    accounts_prepare_sign_in(&change->sign_in, arg, request);
    change->sign_in.account_id = change->caller->who.user_id;
    change->sign_in.is_cookie = change->caller->is_by_cookie;
    if (!fields_take(request, &change_schema, &change->body))
        return;
    struct secret password = {change->body.new_password};
    if (!account_password_is_strong(&change->api->rules, password))
        refuse_password(request, account_reason(ACCOUNT_PASSWORD_WEAK));
    else if (str_equal(change->body.current_password, change->body.new_password))
        refuse_password(request, "The new password is the current one.");
    else
        work_run(request, find_account, on_found, change);
}

void accounts_add_password_routes(struct routes *routes, const struct accounts_api *api)
{
    static const struct route table[] = {
        {HTTP_POST, "/api/channel/password/reset", on_reset, .limit = LIMITER_MAIL},
        {HTTP_POST, "/api/password/confirm", on_confirm, .limit = LIMITER_CODE},
        {HTTP_PUT, "/api/account/password", on_change, .auth = AUTH_REQUIRED},
    };
    routes_add(routes, table, sizeof(table) / sizeof(*table),
               (void *)(uintptr_t)api); /* read only */
}
