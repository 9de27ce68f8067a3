#include "api/errors.h"

#include "unit/http/web.h"

static struct api_error next;
static bool with_more;
static bool with_status_only;

static void on_request(struct request *request, void *arg)
{
    (void)arg;
    static const struct http_header more[] = {{{"allow", 5}, {"GET", 3}}};
    if (with_status_only)
        errors_reply_status(request, next.status);
    else if (with_more)
        errors_reply_with(request, &next, more, 1);
    else
        errors_reply(request, &next);
}

static struct web web;

static struct web_answer reply_to(const char *request)
{
    int fd = web_connect(&web);
    web_say(fd, request);
    struct web_answer answer = web_read_answer(fd, false);
    close(fd);
    return answer;
}

static bool writes(struct api_error error, const char *want)
{
    next = error;
    struct web_answer answer = reply_to("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    bool is_right = answer.status == error.status && answer.body_len == strlen(want) &&
                    strcmp(want, answer.body) == 0;
    if (!is_right)
        printf("%u %s\n", answer.status, answer.body);
    web_forget(&answer);
    return is_right;
}

static void error_has_the_shape_of_the_contract(void)
{
    CHECK(writes((struct api_error){.status = 409, .type = "UsernameExists", .message = "Taken."},
                 "{\"__type\":\"UsernameExistsException\",\"message\":\"Taken.\"}"));
    CHECK(writes((struct api_error){.status = 400, .message = "Bad.", .field = "isLive"},
                 "{\"__type\":\"BadRequestException\",\"message\":\"Bad.\",\"field\":\"isLive\"}"));
}

static void every_status_has_its_usual_type(void)
{
    static const struct {
        unsigned status;
        const char *type;
    } rows[] = {
        {400, "BadRequest"},       {401, "Unauthorized"},
        {403, "Forbidden"},        {404, "ResourceNotFound"},
        {405, "MethodNotAllowed"}, {408, "RequestTimeout"},
        {409, "Conflict"},         {413, "PayloadTooLarge"},
        {414, "UriTooLong"},       {415, "UnsupportedMediaType"},
        {429, "TooManyRequests"},  {431, "HeaderTooLarge"},
        {500, "Unexpected"},       {503, "ServiceUnavailable"},
        {416, "BadRequest"},       {426, "BadRequest"},
        {501, "BadRequest"},       {505, "BadRequest"},
        {499, "BadRequest"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char want[128];
        int len = snprintf(want, sizeof(want), "{\"__type\":\"%sException\",\"message\":\"",
                           rows[i].type);
        next = (struct api_error){.status = rows[i].status};
        with_status_only = i % 2 == 0;
        struct web_answer answer = reply_to("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK_EQ(rows[i].status, answer.status);
        CHECK(strncmp(want, answer.body, (size_t)len) == 0);
        CHECK(strcmp("no-store", web_header(&answer, "cache-control")) == 0);
        bool may_retry = rows[i].status == 429 || rows[i].status == 503;
        CHECK_EQ(may_retry, web_header(&answer, "retry-after") != NULL);
        web_forget(&answer);
    }
    with_status_only = false;
}

static void text_is_escaped(void)
{
    CHECK(
        writes((struct api_error){.status = 400, .message = "a\"b\\c\nd\x01\x7f\xc3\xa4</script>"},
               "{\"__type\":\"BadRequestException\",\"message\":"
               "\"a\\\"b\\\\c\\u000ad\\u0001\\u007f\xc3\xa4</script>\"}"));
}

static void own_faults_tell_their_id_only(void)
{
    next = (struct api_error){.status = 500, .message = "It failed."};
    struct web_answer answer =
        reply_to("GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: my-request\r\n\r\n");
    CHECK(strcmp("{\"__type\":\"UnexpectedException\",\"message\":"
                 "\"It failed. Request my-request.\"}",
                 answer.body) == 0);
    web_forget(&answer);
}

static void more_headers_and_a_time_to_retry_are_sent(void)
{
    next = (struct api_error){.status = 429, .retry_after_s = 60};
    with_more = true;
    struct web_answer answer = reply_to("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    with_more = false;
    CHECK(strcmp("60", web_header(&answer, "retry-after")) == 0);
    CHECK(strcmp("GET", web_header(&answer, "allow")) == 0);
    CHECK(strcmp("default-src 'none'", web_header(&answer, "content-security-policy")) == 0);
    web_forget(&answer);
}

int main(void)
{
    web.options.on_request = on_request;
    web_start(&web);
    RUN(error_has_the_shape_of_the_contract);
    RUN(every_status_has_its_usual_type);
    RUN(text_is_escaped);
    RUN(own_faults_tell_their_id_only);
    RUN(more_headers_and_a_time_to_retry_are_sent);
    web_stop(&web);
    return check_report();
}
