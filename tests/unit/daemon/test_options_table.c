#include "daemon/options.h"

#include "check.h"
#include "daemon/config.h"
#include "daemon/options_value.h"

#include <stdlib.h>

static void every_default_is_valid_in_both_kinds_of_stage(void)
{
    struct arena arena;
    arena_init(&arena, 16384);
    struct options options;
    struct buf why;
    buf_init(&why, 1024);
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option *option = &options_table[i];
        const char *texts[] = {option->dev, option->prod != NULL ? option->prod : option->dev};
        for (size_t j = 0; j < 2; j++)
            if (options_set_text(option, str_of(texts[j]), &arena, &options, &why) != ERR_OK) {
                printf("%s\n", option->path);
                CHECK(false);
            }
    }
    buf_finish(&why);
    arena_finish(&arena);
}

static size_t size_of(enum option_type type)
{
    switch (type) {
    case OPTION_BOOL:
        return sizeof(bool);
    case OPTION_INT:
        return sizeof(int64_t);
    case OPTION_STRING:
    case OPTION_ENUM:
        return sizeof(const char *);
    case OPTION_LIST:
        return sizeof(struct option_list);
    case OPTION_LIMIT:
        return sizeof(struct option_limit);
    case OPTION_CATEGORIES:
        return sizeof(struct option_categories);
    }
    return 0;
}

static void no_two_options_share_a_place_or_a_name(void)
{
    for (size_t i = 0; i < options_table_len; i++)
        for (size_t j = 0; j < i; j++) {
            const struct option *a = &options_table[i];
            const struct option *b = &options_table[j];
            CHECK(strcmp(a->path, b->path) != 0);
            CHECK(a->offset + size_of(a->type) <= b->offset ||
                  b->offset + size_of(b->type) <= a->offset);
        }
}

static void no_two_options_share_a_variable(void)
{
    struct buf a;
    struct buf b;
    buf_init(&a, 256);
    buf_init(&b, 256);
    for (size_t i = 0; i < options_table_len; i++)
        for (size_t j = 0; j < i; j++) {
            buf_clear(&a);
            buf_clear(&b);
            config_put_variable(str_of(options_table[i].path), &a);
            config_put_variable(str_of(options_table[j].path), &b);
            CHECK(!str_equal(buf_str(&a), buf_str(&b)));
        }
    buf_finish(&a);
    buf_finish(&b);
}

static void every_option_has_help_and_what_its_type_needs(void)
{
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option *option = &options_table[i];
        CHECK(option->help != NULL && option->help[0] != '\0');
        CHECK(option->type != OPTION_INT || option->min < option->max);
        CHECK(option->type != OPTION_ENUM || option->choices != NULL);
        bool has_text = option->type == OPTION_STRING || option->type == OPTION_LIST;
        CHECK(!has_text || (option->check != NULL && option->check->allowed[0] != '\0'));
    }
}

static void options_are_found_by_their_whole_path(void)
{
    CHECK(options_find(STR("http.tls.certFile")) != NULL);
    CHECK(options_find(STR("http.tls")) == NULL);
    CHECK(options_find(STR("http.tls.certFil")) == NULL);
    CHECK(options_find(STR("")) == NULL);
}

int main(void)
{
    RUN(every_default_is_valid_in_both_kinds_of_stage);
    RUN(no_two_options_share_a_place_or_a_name);
    RUN(no_two_options_share_a_variable);
    RUN(every_option_has_help_and_what_its_type_needs);
    RUN(options_are_found_by_their_whole_path);
    return check_report();
}
