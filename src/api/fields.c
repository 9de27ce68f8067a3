#include "api/fields.h"

bool fields_take(struct request *request, const struct fields *fields, void *out)
{
    struct api_error error;
    if (fields_read(request->body, fields, request->arena, out, &error) == ERR_OK)
        return true;
    errors_reply(request, &error);
    return false;
}
