/* A configuration being put together, and what was said about it. */
#pragma once

#include "check.h"
#include "daemon/config.h"

static struct config config;
static struct config_problems problems;

static inline void config_fixture_start(const char *stage)
{
    config_init(&config, stage, "klieg.json");
    config_problems_init(&problems);
}

static inline void config_fixture_finish(void)
{
    config_problems_finish(&problems);
    config_finish(&config);
}

/* Does some line of the problems hold this text? */
static inline bool config_fixture_says(const char *text)
{
    if (problems.text.len > 0 &&
        memmem(problems.text.at, problems.text.len, text, strlen(text)) != NULL)
        return true;
    printf("does not say: %s\n%.*s", text, (int)problems.text.len,
           problems.text.len > 0 ? (const char *)problems.text.at : "");
    return false;
}
