/* Cookies, and what requests that rely on them must be (API contract §1.3, D5, D6). */
#include "api/auth_inside.h"
#include "api/cookie_reader.h"
#include "base/text.h"

static const struct {
    const char *name, *secure_name, *path;
} cookies[] = {
    [AUTH_COOKIE_ACCESS] = {"klieg_at", "__Host-klieg_at", "/"},
    [AUTH_COOKIE_REFRESH] = {"klieg_rt", "__Secure-klieg_rt", "/api/session"},
};

static const char *name_of(const struct auth *auth, enum auth_cookie cookie)
{
    return auth->is_secure ? cookies[cookie].secure_name : cookies[cookie].name;
}

struct http_header auth_set_cookie(const struct auth *auth, enum auth_cookie cookie,
                                   struct secret value, struct arena *arena)
{
    long long life_s = value.value.len > 0 ? auth->cookie_life_s : 0;
    return (struct http_header){
        .name = STR("set-cookie"),
        .value = arena_printf(arena, "%s=%.*s; Path=%s; Max-Age=%lld; HttpOnly; SameSite=Lax%s",
                              name_of(auth, cookie), (int)value.value.len, value.value.at,
                              cookies[cookie].path, life_s, auth->is_secure ? "; Secure" : ""),
    };
}

struct secret auth_read_cookie(const struct auth *auth, enum auth_cookie cookie,
                               const struct request *request)
{
    struct str name = str_of(name_of(auth, cookie));
    for (size_t i = 0; i < request->header_count; i++) { /* HTTP/2 may send several */
        struct str value = {0};
        if (text_equal_nocase(request->headers[i].name, STR("cookie")))
            value = cookie_find(request->headers[i].value, name);
        if (value.len > 0)
            return (struct secret){value};
    }
    return (struct secret){{0}};
}

bool auth_is_same_origin(const struct auth *auth, const struct request *request)
{
    struct str site = request_header(request, STR("sec-fetch-site"));
    if (site.at != NULL && !request->is_upgrade)
        return str_equal(site, STR("same-origin"));
    return str_equal(request_header(request, STR("origin")), str_of(auth->origin));
}
