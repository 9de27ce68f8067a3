#include "daemon/addresses.h"

#include "daemon/options_checks.h"

static bool is_set(const char *text)
{
    return text[0] != '\0';
}

static uint16_t port_of(const char *listen)
{
    struct options_address address = {0};
    if (options_read_address(str_of(listen), &address) != ERR_OK)
        return 0; /* empty: off */
    return address.port;
}

struct addresses_ports addresses_ports(const struct options *options)
{
    bool is_tls = is_set(options->http.tls.cert_file);
    uint16_t http = port_of(options->http.listen);
    uint16_t further = port_of(options->http.tls_listen);
    return (struct addresses_ports){
        .http = is_tls ? 0 : http,
        .https = further != 0 ? further
                 : is_tls     ? http
                              : 0,
        .rtmp = port_of(options->rtmp.listen),
        .rtmps = port_of(options->rtmp.tls_listen),
    };
}

static const char *build_public_url(const struct options *options,
                                    const struct addresses_ports *ports, struct arena *arena)
{
    if (is_set(options->http.public_url))
        return options->http.public_url;
    if (ports->http == 0)
        return arena_printf(arena, "https://localhost:%u", ports->https).at;
    return arena_printf(arena, "http://localhost:%u", ports->http).at;
}

/* Host of an http(s) URL, with its brackets if it is an IPv6 address. */
static struct str host_of(const char *url)
{
    const char *host = strstr(url, "://") + 3; /* checked with the option */
    size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    return (struct str){.at = host, .len = len};
}

static const char *build_ingest_url(const char *scheme, struct str host, uint16_t port,
                                    struct arena *arena)
{
    if (port == 0)
        return NULL;
    return arena_printf(arena, "%s://%.*s:%u/app/", scheme, (int)host.len, host.at, port).at;
}

struct addresses addresses_build(const struct options *options, const struct addresses_ports *ports,
                                 struct arena *arena)
{
    struct addresses addresses = {.public_url = build_public_url(options, ports, arena)};
    addresses.client_base_url =
        is_set(options->client_base_url) ? options->client_base_url : addresses.public_url;
    struct str host = host_of(addresses.public_url);
    addresses.rtmp_url = build_ingest_url("rtmp", host, ports->rtmp, arena);
    /* HTTPS listeners take RTMPS too (media rule IN-2). */
    addresses.rtmps_url =
        build_ingest_url("rtmps", host, ports->rtmps != 0 ? ports->rtmps : ports->https, arena);

    if (is_set(options->rtmp.public_url))
        addresses.ingest_url = options->rtmp.public_url;
    else if (ports->rtmps != 0 || addresses.rtmp_url == NULL)
        addresses.ingest_url = addresses.rtmps_url;
    else
        addresses.ingest_url = addresses.rtmp_url;
    if (addresses.ingest_url == NULL)
        addresses.ingest_url = "";
    return addresses;
}
