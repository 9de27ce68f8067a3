/* Registration and confirmation (API contract §2.2.1 to 2.2.3, 2.2.13). */
#include "api/accounts_inside.h"
#include "api/fields.h"
#include "api/reply.h"
#include "api/work.h"
#include "base/clock.h"
#include "proto/http/query_reader.h"
#include "store/throttles.h"

/* --- POST /channel/register --- */

struct register_body {
    struct str username, email, password, avatar, color;
};

static const struct field register_fields[] = {
    {"username", FIELD_LINE, offsetof(struct register_body, username), .is_required = true},
    {"email", FIELD_LINE, offsetof(struct register_body, email), .is_required = true},
    {"password", FIELD_OPAQUE, offsetof(struct register_body, password), .is_required = true},
    {"avatar", FIELD_LINE, offsetof(struct register_body, avatar), .is_required = false},
    {"color", FIELD_LINE, offsetof(struct register_body, color), .is_required = false},
};
static const struct fields register_schema = {.at = register_fields,
                                              .count = sizeof(register_fields) /
                                                       sizeof(*register_fields),
                                              .missing_type = "Unexpected"};

struct registration {
    const struct accounts_api *api;
    struct register_body body;
    char address[CONN_ADDRESS_LEN];
    struct accounts_hashing hashing;
    struct account_code code;
    enum err err;
    enum store_taken taken;
};

static void refuse_wish(struct request *request, enum account_verdict verdict)
{
    static const struct {
        const char *type, *field;
    } rows[] = {
        [ACCOUNT_DOMAIN_REFUSED] = {"AccountRegistration", "email"},
        [ACCOUNT_NAME_RESERVED] = {"ReservedUsername", "username"},
        [ACCOUNT_NAME_INVALID] = {"AccountRegistration", "username"},
        [ACCOUNT_EMAIL_INVALID] = {"InvalidParameter", "email"},
        [ACCOUNT_PASSWORD_WEAK] = {"InvalidPassword", "password"},
        [ACCOUNT_AVATAR_UNKNOWN] = {"AccountRegistration", "avatar"},
        [ACCOUNT_COLOR_UNKNOWN] = {"AccountRegistration", "color"},
    };
    errors_reply(request, &(struct api_error){.status = 400,
                                              .type = rows[verdict].type,
                                              .message = account_reason(verdict),
                                              .field = rows[verdict].field});
}

static void refuse_registration(struct request *request, const struct registration *registration)
{
    static const struct api_error taken[] = {
        [STORE_TAKEN_NAME] = {.status = 409,
                              .type = "UsernameExists",
                              .message = "This name is taken.",
                              .field = "username"},
        [STORE_TAKEN_EMAIL] = {.status = 409,
                               .type = "EmailExists",
                               .message = "There is an account with this address already.",
                               .field = "email"},
    };
    static const struct api_error failed = {.status = 500, .type = "AccountRegistration"};
    errors_reply(request,
                 registration->err == ERR_CONFLICT ? &taken[registration->taken] : &failed);
}

static void create_account(void *arg)
{
    struct registration *registration = arg;
    const struct accounts_api *api = registration->api;
    const struct register_body *body = &registration->body;
    int64_t now_us = clock_wall_us();
    struct store_new_code code = {.expires_at_us = now_us + api->confirm_life_us};
    registration->code = account_code_create(api->random);
    account_hash((struct secret){str_of(registration->code.at)}, code.hash);
    struct store_new_account wish = {
        .name = body->username,
        .email = body->email,
        .password_hash = registration->hashing.job.new_hash,
        .avatar = body->avatar.len > 0
                      ? body->avatar.at
                      : channel_avatars[random_below(api->random, CHANNEL_AVATARS)],
        .color = body->color.len > 0 ? body->color.at
                                     : channel_colors[random_below(api->random, CHANNEL_COLORS)],
        .code = api->is_auto_verified ? NULL : &code,
        .address = registration->address,
        .random = api->random,
        .now_us = now_us,
    };
    registration->err = store_account_create(api->store, &wish, &registration->taken);
}

static void on_created(struct request *request, void *arg)
{
    const struct registration *registration = arg;
    const struct accounts_api *api = registration->api;
    if (registration->err) {
        refuse_registration(request, registration);
        return;
    }
    struct mail_letter letter = {.kind = MAIL_CONFIRM,
                                 .to = registration->body.email,
                                 .name = registration->body.username,
                                 .code = {str_of(registration->code.at)}};
    if (!api->is_auto_verified)
        mail_send(api->mail, request->loop, &letter);
    reply_json_fresh(request, 201, json_pack("{sb}", "userConfirmed", (int)api->is_auto_verified),
                     NULL, 0);
}

static void on_hashed(struct request *request, void *arg)
{
    work_run(request, create_account, on_created, arg);
}

static void on_register(struct request *request, void *arg)
{
    struct registration *registration = arena_alloc(request->arena, sizeof(*registration));
    registration->api = arg;
    struct register_body *body = &registration->body;
    if (!fields_take(request, &register_schema, body))
        return;
    struct account_wish wish = {.name = body->username,
                                .email = body->email,
                                .password = {body->password},
                                .avatar = body->avatar,
                                .color = body->color};
    enum account_verdict verdict = account_check(&registration->api->rules, &wish);
    if (verdict != ACCOUNT_OK) {
        refuse_wish(request, verdict);
        return;
    }
    request_client_text(request, registration->address);
    registration->hashing = (struct accounts_hashing){.job = {.new_password = {body->password}},
                                                      .request = request,
                                                      .done = on_hashed,
                                                      .arg = registration};
    accounts_hash(registration->api, &registration->hashing);
}

/* --- POST /account/confirm --- */

struct confirm_body {
    struct str username, code;
};

static const struct field confirm_fields[] = {
    {"username", FIELD_LINE, offsetof(struct confirm_body, username), .is_required = true},
    {"code", FIELD_OPAQUE, offsetof(struct confirm_body, code), .is_required = true},
};
static const struct fields confirm_schema = {
    .at = confirm_fields, .count = sizeof(confirm_fields) / sizeof(*confirm_fields)};

struct confirmation {
    const struct accounts_api *api;
    struct arena *arena;
    struct confirm_body body;
    enum err err;
    enum account_code_verdict verdict;
    struct store_account account;
};

static void confirm(void *arg)
{
    struct confirmation *confirmation = arg;
    const struct accounts_api *api = confirmation->api;
    struct store_code_use use = {.name = confirmation->body.username,
                                 .purpose = ACCOUNT_CONFIRM,
                                 .max_attempts = api->max_code_attempts,
                                 .now_us = clock_wall_us()};
    account_hash((struct secret){confirmation->body.code}, use.hash);
    confirmation->err = store_code_use(api->store, &use, confirmation->arena,
                                       &confirmation->verdict, &confirmation->account);
}

static void on_confirmed(struct request *request, void *arg)
{
    const struct confirmation *confirmation = arg;
    bool is_right =
        confirmation->verdict == ACCOUNT_CODE_OK || confirmation->verdict == ACCOUNT_CODE_REPEATED;
    if (confirmation->err)
        errors_reply_status(request, 500);
    else if (!is_right)
        accounts_refuse_code(request, confirmation->verdict);
    else
        reply_json_fresh(request, 200, json_pack("{ss}", "username", confirmation->account.name),
                         NULL, 0);
}

static void on_confirm(struct request *request, void *arg)
{
    struct confirmation *confirmation = arena_alloc(request->arena, sizeof(*confirmation));
    confirmation->api = arg;
    confirmation->arena = request->arena;
    if (fields_take(request, &confirm_schema, &confirmation->body))
        work_run(request, confirm, on_confirmed, confirmation);
}

/* --- POST /account/confirm/resend --- */

struct resend_body {
    struct str username;
};

static const struct field resend_fields[] = {
    {"username", FIELD_LINE, offsetof(struct resend_body, username), .is_required = true},
};
static const struct fields resend_schema = {.at = resend_fields, .count = 1};

struct resend {
    const struct accounts_api *api;
    struct arena *arena;
    struct resend_body body;
    enum err err;
    unsigned wait_s;
};

static void count_resend(void *arg)
{
    struct resend *resend = arg;
    const struct accounts_limit *limit = &resend->api->mails;
    struct store_throttle throttle = {
        .key = accounts_key(resend->arena, "mail-confirm", resend->body.username),
        .count = limit->count,
        .window_s = limit->seconds,
        .now_us = clock_wall_us()};
    resend->err = store_throttle_count(resend->api->store, &throttle, &resend->wait_s);
}

static void on_counted(struct request *request, void *arg)
{
    const struct resend *resend = arg;
    if (resend->err == ERR_LIMIT)
        accounts_refuse_limit(request, resend->wait_s);
    else if (resend->err)
        errors_reply_status(request, 500);
    else if (accounts_mail_code(resend->api, request->loop, ACCOUNT_CONFIRM,
                                resend->body.username) != ERR_OK)
        errors_reply_status(request, 503);
    else
        reply_json_fresh(request, 200, json_object(), NULL, 0);
}

static void on_resend(struct request *request, void *arg)
{
    struct resend *resend = arena_alloc(request->arena, sizeof(*resend));
    resend->api = arg;
    resend->arena = request->arena;
    if (fields_take(request, &resend_schema, &resend->body))
        work_run(request, count_resend, on_counted, resend);
}

/* --- GET /account/username/available --- */

struct availability {
    const struct accounts_api *api;
    struct str name;
    enum err err;
};

static void reply_availability(struct request *request, const char *reason)
{
    json_t *body = json_pack("{sb}", "available", reason == NULL);
    if (reason != NULL)
        (void)json_object_set_new(body, "reason", json_string(reason)); /* aborts or succeeds */
    reply_json(request, body, STR("private, no-cache"), STR(""));
}

static void check_name(void *arg)
{
    struct availability *availability = arg;
    availability->err =
        store_name_check(availability->api->store, availability->name, clock_wall_us());
}

static void on_checked(struct request *request, void *arg)
{
    const struct availability *availability = arg;
    if (availability->err && availability->err != ERR_CONFLICT)
        errors_reply_status(request, 500);
    else
        reply_availability(request, availability->err ? "taken" : NULL);
}

static void on_available(struct request *request, void *arg)
{
    struct availability *availability = arena_alloc(request->arena, sizeof(*availability));
    availability->api = arg;
    enum err err =
        http_query_find(request->query, STR("name"), request->arena, &availability->name);
    if (err || availability->name.len == 0) {
        errors_reply(request, &(struct api_error){.status = 400,
                                                  .message = "The parameter name is needed, once.",
                                                  .field = "name"});
        return;
    }
    enum channel_name_verdict verdict = channel_name_check(availability->name);
    if (verdict != CHANNEL_NAME_OK)
        reply_availability(request, verdict == CHANNEL_NAME_RESERVED ? "reserved" : "invalid");
    else
        work_run(request, check_name, on_checked, availability);
}

void accounts_add_register_routes(struct routes *routes, const struct accounts_api *api)
{
    static const struct route table[] = {
        {HTTP_POST, "/api/channel/register", on_register, .limit = LIMITER_REGISTER},
        {HTTP_POST, "/api/account/confirm", on_confirm, .limit = LIMITER_CODE},
        {HTTP_POST, "/api/account/confirm/resend", on_resend, .limit = LIMITER_MAIL},
        {HTTP_GET, "/api/account/username/available", on_available, .limit = LIMITER_DEFAULT},
    };
    routes_add(routes, table, sizeof(table) / sizeof(*table),
               (void *)(uintptr_t)api); /* read only */
}
