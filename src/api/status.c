#include "api/status.h"

static void on_status(struct request *request, void *arg)
{
    (void)arg;
    request_reply_text(request, 200, STR("text/plain; charset=utf-8"), STR("OK"));
}

void status_add_routes(struct routes *routes)
{
    static const struct route table[] = {
        {HTTP_GET, "/api/status", on_status, .cors = ROUTE_CORS_ALLOWED}};
    routes_add(routes, table, 1, NULL);
}
