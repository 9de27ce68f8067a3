#include "api/auth.h"

#include "api/auth_inside.h"
#include "api/errors.h"
#include "api/work.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

enum { MICROSECONDS = 1000000 };

/* --- What is known of sessions --- */

static atomic_uint *stripe_of(struct auth *auth, const char *user_id)
{
    uint32_t hash = 2166136261U; /* FNV-1a: the ids are ours, so nobody chooses collisions */
    for (const char *at = user_id; *at != '\0'; at++)
        hash = (hash ^ (uint8_t)*at) * 16777619U;
    return &auth->forgotten[hash % AUTH_STRIPES];
}

void auth_forget(struct auth *auth, const char *user_id)
{
    atomic_fetch_add(stripe_of(auth, user_id), 1);
}

static void clear(struct map *known)
{
    struct map_entry entry;
    for (size_t at = 0; map_next(known, &at, &entry);)
        mem_free(entry.value);
    map_finish(known);
    map_init(known);
}

static const struct store_caller *find_known(struct auth *auth, const struct loop *loop,
                                             const struct token_claims *claims)
{
    struct map *map = &auth->known[loop_index(loop)];
    struct auth_known *known = map_find(map, str_of(claims->session_id));
    if (known == NULL || strcmp(known->who.user_id, claims->user_id) != 0)
        return NULL;
    if (known->until_us > loop_now_us(loop) &&
        known->stripe_count == atomic_load(stripe_of(auth, claims->user_id)))
        return &known->who;
    mem_free(map_remove(map, str_of(claims->session_id)));
    return NULL;
}

static void remember(struct auth *auth, const struct loop *loop, const struct auth_known *found)
{
    struct map *map = &auth->known[loop_index(loop)];
    if (map->count >= AUTH_MAX_CALLERS)
        clear(map);
    struct auth_known *known = mem_alloc(sizeof(*known));
    *known = *found;
    known->until_us = loop_now_us(loop) + auth->trust_us;
    mem_free(map_put(map, str_of(known->who.session_id), known));
}

/* --- The check --- */

struct check {
    struct auth *auth;
    struct request *request;
    enum auth_need need;
    void (*go_on)(struct request *, const struct caller *);

    struct caller caller;
    struct token_claims claims;
    int64_t now_us;
    struct auth_known found;
    enum err err;
};

static void refuse(struct request *request)
{
    errors_reply_status(request, 401);
}

/* The credentials are no good. */
static void reject(struct check *check)
{
    if (check->need == AUTH_STALE_OK && check->caller.is_by_cookie)
        check->go_on(check->request, NULL);
    else
        refuse(check->request);
}

static bool only_reads(const struct request *request)
{
    bool is_read = request->method == HTTP_GET || request->method == HTTP_HEAD;
    return is_read && !request->is_upgrade;
}

static void admit(struct check *check, const struct store_caller *who)
{
    static const struct api_error cross_site = {
        .status = 403, .message = "A cookie counts only for requests of our own pages."};
    check->caller.who = *who;
    if (check->caller.is_by_cookie && !only_reads(check->request) &&
        !auth_is_same_origin(check->auth, check->request))
        errors_reply(check->request, &cross_site);
    else
        check->go_on(check->request, &check->caller);
}

static void look_up(void *arg)
{
    struct check *check = arg;
    check->err = store_caller_find(check->auth->store, str_of(check->claims.session_id),
                                   check->now_us, &check->found.who);
}

static void on_looked_up(struct request *request, void *arg)
{
    struct check *check = arg;
    const struct store_caller *who = &check->found.who;
    if (check->err == ERR_NOT_FOUND ||
        (!check->err && strcmp(who->user_id, check->claims.user_id) != 0)) {
        reject(check);
    } else if (check->err) {
        errors_reply_status(request, 500); /* the store logged why */
    } else {
        remember(check->auth, request->loop, &check->found);
        admit(check, who);
    }
}

/* API contract §1.3: bare, or behind a scheme; a header wins over the cookie. */
static struct secret find_token(const struct auth *auth, const struct request *request,
                                bool *out_is_by_cookie)
{
    struct str header = text_trim(request_header(request, STR("authorization")));
    *out_is_by_cookie = header.len == 0;
    if (header.len == 0)
        return auth_read_cookie(auth, AUTH_COOKIE_ACCESS, request);
    struct str rest;
    struct str scheme = text_cut(header, ' ', &rest);
    if (scheme.len < header.len && text_equal_nocase(scheme, STR("bearer")))
        return (struct secret){text_trim(rest)};
    return (struct secret){header};
}

bool auth_would_refuse(const struct auth *auth, const struct request *request, enum auth_need need)
{
    if (need == AUTH_PUBLIC)
        return false;
    bool is_by_cookie = false;
    struct secret token = find_token(auth, request, &is_by_cookie);
    if (token.value.len == 0)
        return need == AUTH_REQUIRED || need == AUTH_MODERATOR;
    struct token_claims claims;
    bool may_be_stale = need == AUTH_STALE_OK && is_by_cookie;
    return !may_be_stale &&
           token_read(&auth->issuer, token, clock_wall_us() / MICROSECONDS, &claims) != ERR_OK;
}

void auth_check(struct auth *auth, struct request *request, enum auth_need need,
                void (*go_on)(struct request *, const struct caller *))
{
    if (need == AUTH_PUBLIC) {
        go_on(request, NULL);
        return;
    }
    struct check *check = arena_alloc(request->arena, sizeof(*check));
    *check = (struct check){.auth = auth, .request = request, .need = need, .go_on = go_on};
    struct secret token = find_token(auth, request, &check->caller.is_by_cookie);
    if (token.value.len == 0) {
        if (need == AUTH_OPTIONAL || need == AUTH_STALE_OK)
            go_on(request, NULL);
        else
            refuse(request);
        return;
    }
    check->now_us = clock_wall_us();
    if (token_read(&auth->issuer, token, check->now_us / MICROSECONDS, &check->claims) != ERR_OK) {
        reject(check);
        return;
    }
    check->caller.expires_us = check->claims.expires_s * MICROSECONDS;
    const struct store_caller *known = find_known(auth, request->loop, &check->claims);
    if (known != NULL) {
        admit(check, known);
        return;
    }
    check->found.stripe_count = atomic_load(stripe_of(auth, check->claims.user_id));
    work_run(request, look_up, on_looked_up, check);
}

struct secret auth_issue(const struct auth *auth, const struct auth_grant *grant,
                         struct arena *arena, int64_t *out_expires_us)
{
    int64_t now_s = grant->now_us / MICROSECONDS;
    struct token_claims claims = {.expires_s = now_s + auth->token_life_s};
    (void)snprintf(claims.user_id, sizeof(claims.user_id), "%s", grant->user_id); /* ids fit */
    (void)snprintf(claims.session_id, sizeof(claims.session_id), "%s", grant->session_id);
    *out_expires_us = claims.expires_s * MICROSECONDS;
    return token_write(&auth->issuer, &claims, grant->username, now_s, arena);
}

/* --- Life --- */

/* Scheme, host and port of a URL. */
static char *origin_of(const char *url)
{
    const char *host = strstr(url, "://");
    size_t start = host != NULL ? (size_t)(host - url) + 3 : 0;
    return mem_copy_str(url, start + strcspn(url + start, "/"));
}

struct auth *auth_create(const struct auth_options *options)
{
    assert(options->key_count > 0 && options->key_count <= AUTH_MAX_KEYS);
    struct auth *auth = mem_zalloc(1, sizeof(*auth));
    auth->store = options->store;
    auth->public_url = mem_copy_str(options->public_url, strlen(options->public_url));
    auth->origin = origin_of(options->public_url);
    auth->is_secure = strncmp(options->public_url, "https:", 6) == 0;
    auth->token_life_s = options->token_life_s;
    auth->cookie_life_s = options->cookie_life_s;
    auth->trust_us = options->trust_us;
    memcpy(auth->keys, options->keys, options->key_count * sizeof(*auth->keys));
    auth->issuer = (struct token_issuer){auth->public_url, auth->keys, options->key_count};
    auth->loops = options->loops;
    auth->known = mem_zalloc(options->loops, sizeof(*auth->known));
    for (unsigned i = 0; i < options->loops; i++)
        map_init(&auth->known[i]);
    return auth;
}

void auth_destroy(struct auth *auth)
{
    if (auth == NULL)
        return;
    for (unsigned i = 0; i < auth->loops; i++) {
        clear(&auth->known[i]);
        map_finish(&auth->known[i]);
    }
    mem_free(auth->known);
    mem_free(auth->public_url);
    mem_free(auth->origin);
    sodium_memzero(auth->keys, sizeof(auth->keys));
    mem_free(auth);
}
