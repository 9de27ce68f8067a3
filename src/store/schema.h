/*
 * The steps that lead from an empty database to the schema of this version, the first being
 * version 1. A step that was ever released is never changed: what comes later is a new one.
 */
#pragma once

extern const char *const schema_steps[];
extern const unsigned schema_step_count;
