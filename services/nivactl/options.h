/* What can be said on the command line: one table of options for all commands; each command takes
 * some of them and refuses the others. Options that are settings of a place (run-dir, group,
 * region, lang, output, timeout, letters) are read from the environment too, as NIVA_RUN_DIR and so
 * on; other NIVA_ variables belong to the services and are not looked at. */
#ifndef NIVA_NIVACTL_OPTIONS_H
#define NIVA_NIVACTL_OPTIONS_H

#include "services/common/base/config.h"
#include "services/common/base/text.h"
#include "services/nivactl/words.h"

struct options {
    const char *lang;
    const char *output;
    const char *run_dir;
    const char *as;
    int64_t timeout; /* seconds */
    const char *group;
    const char *region;
    const char *known_at;
    const char *data;
    const char *service;
    const char *unit;
    const char *kind; /* of a breach, or of a file */
    const char *template_format;
    const char *state;
    const char *open_on;
    const char *class_name;
    const char *before;
    const char *decision;
    const char *file;
    const char *letters;
    const char *contact;
    const char *case_number;
    const char *by;
    const char *side;
    const char *fte;
    const char *steps;
    const char *received;
    const char *officer;
    const char *delegation;
    const char *code;
    const char *reason;
    const char *statement;
    const char *response;
    const char *decided_at;
    const char *format;
    const char *from; /* a month */
    const char *to;
    int64_t after;
    int64_t limit; /* 0: none */
    int64_t within;
    int64_t least;
    bool follow;
    bool check;
    bool dry_run;
    bool yes;
    bool missed;
    bool monthly;
    bool help;
};

/* A set of options: what a command takes. */
typedef uint64_t option_set;

enum option {
    OPTION_LANG = 1 << 0,
    OPTION_OUTPUT = 1 << 1,
    OPTION_RUN_DIR = 1 << 2,
    OPTION_AS = 1 << 3,
    OPTION_TIMEOUT = 1 << 4,
    OPTION_GROUP = 1 << 5,
    OPTION_REGION = 1 << 6,
    OPTION_KNOWN_AT = 1 << 7,
    OPTION_DATA = 1 << 8,
    OPTION_SERVICE = 1 << 9,
    OPTION_UNIT = 1 << 10,
    OPTION_STATE = 1 << 11,
    OPTION_OPEN_ON = 1 << 12,
    OPTION_AFTER = 1 << 13,
    OPTION_FOLLOW = 1 << 14,
    OPTION_CHECK = 1 << 15,
    OPTION_HELP = 1 << 16,
    OPTION_LIMIT = 1 << 17,
    OPTION_KIND = 1 << 18,
    OPTION_CLASS = 1 << 19,
    OPTION_BEFORE = 1 << 20,
    OPTION_DECISION = 1 << 21,
    OPTION_DRY_RUN = 1 << 22,
    OPTION_YES = 1 << 23,
    OPTION_FILE = 1 << 24,
    OPTION_LETTERS = 1 << 25,
    OPTION_CONTACT = 1 << 26,
    OPTION_CASE_NUMBER = 1 << 27,
    OPTION_FILE_KIND = 1L << 31,
    OPTION_TEMPLATE = 1L << 62,
    OPTION_BY = 1L << 32,
    OPTION_SIDE = 1L << 33,
    OPTION_FTE = 1L << 34,
    OPTION_STEPS = 1L << 35,
    OPTION_RECEIVED = 1L << 36,
    OPTION_OFFICER = 1L << 37,
    OPTION_MISSED = 1L << 38,
    OPTION_WITHIN = 1L << 39,
    OPTION_DELEGATION = 1L << 40,
    OPTION_CODE = 1L << 41,
    OPTION_REASON = 1L << 42,
    OPTION_STATEMENT = 1L << 43,
    OPTION_RESPONSE = 1L << 44,
    OPTION_DECIDED_AT = 1L << 45,
    OPTION_FORMAT = 1L << 48,
    OPTION_FROM = 1L << 54,
    OPTION_TO = 1L << 55,
    OPTION_MONTHLY = 1L << 56,
    OPTION_LEAST = 1L << 57,
    /* what every command takes */
    OPTIONS_ALL = OPTION_LANG | OPTION_OUTPUT | OPTION_HELP,
    /* what every command takes that talks to the system */
    OPTIONS_SYSTEM = OPTIONS_ALL | OPTION_RUN_DIR | OPTION_AS | OPTION_TIMEOUT,
};

/* Where the first argument stands that is no option and no option's value; 0 when there is none. */
size_t options_argument_at(int argc, char *const *argv);

/* Reads the options of `mask` from the environment and the arguments (argv[0] is passed over). The
 * texts and `ret_rest` are owned by the configuration; it is NULL with `err` on any error. */
struct niva_config *options_read(option_set mask, int argc, char *const *argv,
                                 char *const *variables, struct options *ret_options,
                                 size_t *ret_rest_count, const char *const **ret_rest,
                                 struct niva_error *err);

/* Appends a page of help on the options of `mask`. */
void options_help(option_set mask, enum language language, struct niva_text *text);

/* The index-th option: its flag ("--run-dir"), the words that it takes separated by spaces ("" for
 * any), and whether it takes a value; false behind the last. */
bool option_at(size_t index, option_set *ret_option, const char **ret_key, const char **ret_words,
               bool *ret_value) NIVA_MUST_CHECK;

#endif
