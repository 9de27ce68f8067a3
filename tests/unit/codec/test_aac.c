#include "codec/aac.h"

#include "check.h"

#include <string.h>

static void codec_strings_name_the_object_type(void)
{
    static const struct {
        uint8_t type;
        const char *text;
    } cases[] = {{2, "mp4a.40.2"}, {5, "mp4a.40.5"}, {29, "mp4a.40.29"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[AAC_CODEC_LEN + 1];
        aac_codec_string(&(struct aac_info){.object_type = cases[i].type}, text);
        CHECK_EQ(0, strcmp(cases[i].text, text));
    }
}

int main(void)
{
    RUN(codec_strings_name_the_object_type);
    return check_report();
}
