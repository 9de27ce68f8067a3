/* The URLs that people and encoders are told, from options and the ports in use. Pure. */
#pragma once

#include "base/arena.h"
#include "daemon/options.h"

struct addresses_ports { /* 0: not listening */
    uint16_t http, https, rtmp, rtmps;
};

struct addresses {
    const char *public_url;      /* without a trailing slash */
    const char *client_base_url; /* likewise */
    const char *rtmp_url;        /* rtmp://host:1935/app/, or NULL */
    const char *rtmps_url;       /* rtmps://host:1936/app/, or NULL */
    const char *ingest_url;      /* the one to recommend; "" when there is none */
};

/* The ports that the options name. */
struct addresses_ports addresses_ports(const struct options *);

struct addresses addresses_build(const struct options *, const struct addresses_ports *,
                                 struct arena *);
