#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "services/nivactl/place.h"

static int folder_make(void **state)
{
    char *folder = strdup("/tmp/niva-place-XXXXXX");

    *state = folder;
    return folder == NULL || mkdtemp(folder) == NULL;
}

static int folder_drop(void **state)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
    free(*state);
    return system(command);
}

static void file_make(const char *folder, const char *name)
{
    char path[PATH_MAX];
    FILE *file;

    snprintf(path, sizeof path, "%.200s/%.50s", folder, name);
    file = fopen(path, "we");
    assert_non_null(file);
    fclose(file);
}

static void folder_add(const char *folder, const char *name, char ret_path[PATH_MAX])
{
    snprintf(ret_path, PATH_MAX, "%.200s/%.50s", folder, name);
    assert_int_equal(mkdir(ret_path, 0700), 0);
}

static void the_clone_is_the_nearest_folder_that_holds_it(void **state)
{
    const char *folder = *state;
    char deploy[PATH_MAX];
    char inner[PATH_MAX];
    char clone[PATH_MAX];

    folder_add(folder, "deploy", deploy);
    folder_add(deploy, "sample", inner);
    assert_false(clone_find(inner, clone));
    file_make(folder, "meson.build");
    file_make(deploy, "quickstart");
    assert_true(clone_find(inner, clone));
    assert_string_equal(clone, folder);
    assert_true(clone_find(folder, clone));
    assert_false(clone_find("/nowhere", clone));
}

static void the_hash_is_that_of_the_real_path(void **state)
{
    char hash[13];

    (void)state;
    clone_hash("abc", hash);
    assert_string_equal(hash, "ba7816bf8f01");
}

static void a_given_directory_is_taken_as_it_is(void **state)
{
    struct place place;
    struct niva_error err;
    char url[128];
    char longest[200];

    (void)state;
    niva_error_clear(&err);
    assert_true(place_find("/tmp/x", &place, &err));
    place_url(&place, COMPLIANCE, url);
    assert_string_equal(url, "ipc:///tmp/x/compliance.user");
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_false(place_find(longest, &place, &err));
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int handle = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(handle >= 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%.100s", path);
    assert_int_equal(bind(handle, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(handle, 1), 0);
    return handle;
}

static void a_system_that_does_not_run_is_said_to_be_started(void **state)
{
    const char *folder = *state;
    struct place place;
    struct niva_error err;
    char path[PATH_MAX];
    int handle;

    niva_error_clear(&err);
    assert_true(place_find(folder, &place, &err));
    assert_false(place_check(&place, INTAKE, &err));
    assert_int_equal(err.code, NIVA_UNAVAILABLE);
    assert_non_null(strstr(err.text_sv, "starta med deploy/quickstart"));
    assert_non_null(strstr(err.text_sv, folder));

    snprintf(path, sizeof path, "%.200s/intake.user", folder);
    handle = listen_at(path);
    assert_true(place_check(&place, INTAKE, &err));
    assert_false(place_check(&place, COMPLIANCE, &err));
    close(handle); /* killed: the socket stays and refuses */
    assert_false(place_check(&place, INTAKE, &err));
    assert_int_equal(err.code, NIVA_UNAVAILABLE);
}

/* Anyone may make a name in /tmp; what is not our own directory is not asked. */
static void a_name_in_tmp_that_somebody_else_took_is_refused(void **state)
{
    const char *folder = *state;
    char deploy[PATH_MAX];
    char hash[13];
    char taken[64];
    char before[PATH_MAX];
    struct place place;
    struct niva_error err;

    niva_error_clear(&err);
    folder_add(folder, "deploy", deploy);
    file_make(folder, "meson.build");
    file_make(deploy, "quickstart");
    clone_hash(folder, hash);
    snprintf(taken, sizeof taken, "/tmp/niva-%u-%s", (unsigned)geteuid(), hash);
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    assert_true(place_find("", &place, &err));
    assert_string_equal(place.run_dir, taken);
    assert_int_equal(symlink(folder, taken), 0);
    assert_false(place_find("", &place, &err));
    assert_int_equal(unlink(taken), 0);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(err.code, NIVA_PERMISSION_DENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_clone_is_the_nearest_folder_that_holds_it, folder_make,
                                        folder_drop),
        cmocka_unit_test(the_hash_is_that_of_the_real_path),
        cmocka_unit_test(a_given_directory_is_taken_as_it_is),
        cmocka_unit_test_setup_teardown(a_system_that_does_not_run_is_said_to_be_started,
                                        folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(a_name_in_tmp_that_somebody_else_took_is_refused,
                                        folder_make, folder_drop),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
