#include "base/map.h"

#include "base/random.h"
#include "check.h"

#include <stdio.h>

enum { KEYS = 500 };

static void entries_are_found_replaced_and_removed(void)
{
    int one = 1;
    int two = 2;
    struct map map;
    map_init(&map);
    CHECK(map_find(&map, STR("a")) == NULL);
    CHECK(map_remove(&map, STR("a")) == NULL);
    CHECK(map_put(&map, STR("a"), &one) == NULL);
    CHECK(map_find(&map, STR("a")) == &one);
    CHECK(map_find(&map, STR("A")) == NULL);
    CHECK(map_find(&map, STR("ab")) == NULL);
    CHECK(map_find(&map, STR("")) == NULL);
    CHECK(map_put(&map, STR("a"), &two) == &one);
    CHECK_EQ(1, map.count);
    CHECK(map_put(&map, STR(""), &one) == NULL);
    CHECK(map_find(&map, STR("")) == &one);
    CHECK(map_find(&map, STR("a")) == &two);
    CHECK(map_remove(&map, STR("a")) == &two);
    CHECK(map_find(&map, STR("a")) == NULL);
    CHECK_EQ(1, map.count);
    map_finish(&map);
    CHECK_EQ(0, map.count);
}

static void keys_are_copied_and_may_hold_anything(void)
{
    int value = 0;
    char key[] = {'a', '\0', 'b'};
    struct map map;
    map_init(&map);
    (void)map_put(&map, (struct str){.at = key, .len = 3}, &value); /* it is new */
    key[2] = 'c';
    CHECK(map_find(&map, (struct str){.at = key, .len = 3}) == NULL);
    key[2] = 'b';
    CHECK(map_find(&map, (struct str){.at = key, .len = 3}) == &value);
    CHECK(map_find(&map, STR("a")) == NULL);
    map_finish(&map);
}

static struct str key_of(size_t i, char out[16])
{
    return (struct str){.at = out, .len = (size_t)snprintf(out, 16, "key-%zu", i)};
}

/* The map against an array of what should be in it. */
static void it_agrees_with_an_array_whatever_the_steps(void)
{
    static int values[KEYS];
    bool is_there[KEYS] = {0};
    size_t count = 0;
    struct random random = random_seeded(3);
    struct map map;
    map_init(&map);
    for (int step = 0; step < 20000; step++) {
        size_t i = random_below(&random, KEYS);
        char text[16];
        struct str key = key_of(i, text);
        void *expected = is_there[i] ? &values[i] : NULL;
        CHECK(map_find(&map, key) == expected);
        if (random_below(&random, 2) == 0) {
            CHECK(map_put(&map, key, &values[i]) == expected);
            count += !is_there[i];
            is_there[i] = true;
        } else {
            CHECK(map_remove(&map, key) == expected);
            count -= is_there[i];
            is_there[i] = false;
        }
        CHECK_EQ(count, map.count);
        CHECK(map.used >= map.count && map.used * 4 <= map.cap * 3); /* so probes stay short */
    }
    CHECK(map.cap <= 2048); /* removed entries do not pile up */
    map_finish(&map);
}

static void a_removed_entrys_place_is_used_again(void)
{
    int value = 0;
    struct map map;
    map_init(&map);
    for (int i = 0; i < 1000; i++) {
        CHECK(map_put(&map, STR("key"), &value) == NULL);
        CHECK(map_remove(&map, STR("key")) == &value);
    }
    CHECK_EQ(1, map.used);
    map_finish(&map);
}

static void a_walk_sees_each_entry_once(void)
{
    static int values[KEYS];
    struct map map;
    map_init(&map);
    size_t at = 0;
    struct map_entry entry;
    CHECK(!map_next(&map, &at, &entry));
    for (size_t i = 0; i < KEYS; i++) {
        char text[16];
        CHECK(map_put(&map, key_of(i, text), &values[i]) == NULL);
    }
    size_t seen = 0;
    at = 0;
    while (map_next(&map, &at, &entry)) {
        size_t i = (size_t)((int *)entry.value - values);
        char text[16];
        CHECK(str_equal(key_of(i, text), entry.key));
        CHECK_EQ(0, values[i]++);
        if (seen++ % 2 == 0)
            CHECK(map_remove(&map, entry.key) == &values[i]);
    }
    CHECK_EQ(KEYS, seen);
    CHECK_EQ(KEYS / 2, map.count);
    map_finish(&map);
}

static void no_two_maps_hash_alike(void)
{
    struct map a;
    struct map b;
    map_init(&a);
    map_init(&b);
    bool differ = false;
    for (size_t i = 0; i < sizeof(a.hash_key); i++)
        differ = differ || a.hash_key[i] != b.hash_key[i];
    CHECK(differ);
    map_finish(&a);
    map_finish(&b);
}

int main(void)
{
    RUN(entries_are_found_replaced_and_removed);
    RUN(keys_are_copied_and_may_hold_anything);
    RUN(it_agrees_with_an_array_whatever_the_steps);
    RUN(a_removed_entrys_place_is_used_again);
    RUN(a_walk_sees_each_entry_once);
    RUN(no_two_maps_hash_alike);
    return check_report();
}
