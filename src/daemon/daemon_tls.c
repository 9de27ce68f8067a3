/* TLS contexts from the configured files or, in dev, from a certificate made on the spot. */
#include "daemon/daemon.h"
#include "log/log.h"

#include <unistd.h>

static const char *const http_protocols[] = {"h2", "http/1.1", NULL};

static bool is_set(const char *text)
{
    return text[0] != '\0';
}

/* Kept between runs, so that a browser's exception for it lasts. */
static enum err find_development_files(struct daemon *daemon, struct options_tls *out)
{
    const char *data = daemon->config.options.data_dir;
    out->cert_file = arena_printf(&daemon->arena, "%s/dev-cert.pem", data).at;
    out->key_file = arena_printf(&daemon->arena, "%s/dev-key.pem", data).at;
    if (access(out->cert_file, R_OK) == 0 && access(out->key_file, R_OK) == 0)
        return ERR_OK;
    log_info("daemon", "making a certificate for localhost", "file=%s",
             log_quote(str_of(out->cert_file)).at);
    return tls_write_development_certificate(out->cert_file, out->key_file);
}

static enum err create_context(struct daemon *daemon, struct options_tls files,
                               const char *const *alpn, struct tls_context **out)
{
    if (!is_set(files.cert_file)) {
        enum err err = find_development_files(daemon, &files);
        if (err)
            return err;
    }
    struct tls_options options = {
        .cert_file = files.cert_file, .key_file = files.key_file, .alpn = alpn};
    return tls_context_create(&options, out);
}

enum err daemon_create_tls(struct daemon *daemon)
{
    const struct options *options = &daemon->config.options;
    enum err err = ERR_OK;
    if (is_set(options->http.tls.cert_file) || is_set(options->http.tls_listen))
        err = create_context(daemon, options->http.tls, http_protocols, &daemon->http_tls);
    if (!err && is_set(options->rtmp.tls_listen)) {
        bool has_own = is_set(options->rtmp.tls.cert_file);
        err = create_context(daemon, has_own ? options->rtmp.tls : options->http.tls, NULL,
                             &daemon->rtmp_tls);
    }
    return err;
}
