#include "tests/support/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { END_MS = 30000, LOG_SHOWN = 16 << 10, VARIABLES_MAX = 512 };

struct process {
    pid_t pid; /* 0 once it has ended */
    int pidfd;
    int status;
    char name[64];
    char log[128];
};

extern char **environ;

void give_up(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

void process_log_show(const char *log)
{
    static char bytes[LOG_SHOWN];
    FILE *file = fopen(log, "re");
    size_t size;

    if (file == NULL)
        return;
    if (fseek(file, -(long)sizeof bytes, SEEK_END) != 0)
        rewind(file);
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    fprintf(stderr, "---- %s\n", log);
    fwrite(bytes, 1, size, stderr);
    fputs("----\n", stderr);
}

/* A test says by arguments what a program shall do; the shell it was started from has no say. */
static char **variables_clean(void)
{
    static char *variables[VARIABLES_MAX + 1];
    size_t count = 0;

    for (char **variable = environ; *variable != NULL && count < VARIABLES_MAX; variable++)
        if (strncmp(*variable, "NIVA_", 5) != 0)
            variables[count++] = *variable;
    variables[count] = NULL;
    return variables;
}

static void child_run(const char *const *arguments, const char *log, pid_t parent)
{
    int output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it ended before the line above */
        _exit(124);
    if (output < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
        _exit(125);
    execve(arguments[0], (char *const *)(uintptr_t)arguments, variables_clean());
    dprintf(2, "%s: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

struct process *process_start(const char *const *arguments, const char *log)
{
    struct process *process = calloc(1, sizeof *process);
    const char *slash = strrchr(arguments[0], '/');
    pid_t parent = getpid();

    if (process == NULL)
        give_up("no memory");
    snprintf(process->name, sizeof process->name, "%s", slash == NULL ? arguments[0] : slash + 1);
    snprintf(process->log, sizeof process->log, "%s", log);
    process->pid = fork();
    if (process->pid < 0)
        give_up("fork: %s", strerror(errno));
    if (process->pid == 0)
        child_run(arguments, log, parent);
    process->pidfd = pidfd_open(process->pid, 0);
    if (process->pidfd < 0)
        give_up("pidfd_open: %s", strerror(errno));
    return process;
}

bool process_wait(struct process *process, int timeout_ms, int *ret_status)
{
    struct pollfd ended = {.fd = process->pidfd, .events = POLLIN};

    if (process->pid != 0) {
        if (poll(&ended, 1, timeout_ms) == 0)
            return false;
        while (waitpid(process->pid, &process->status, 0) < 0)
            if (errno != EINTR)
                give_up("waitpid of %s: %s", process->name, strerror(errno));
        process->pid = 0;
    }
    if (ret_status != NULL)
        *ret_status = process->status;
    return true;
}

pid_t process_signal(const struct process *process, int signal)
{
    if (process->pid != 0)
        kill(process->pid, signal);
    return process->pid;
}

int process_end(struct process *process, int signal)
{
    int status = 0;

    if (process->pid != 0)
        kill(process->pid, signal);
    if (process_wait(process, END_MS, &status))
        return status;
    process_log_show(process->log);
    give_up("%s does not end by signal %d", process->name, signal);
}

struct process *process_free(struct process *process)
{
    if (process == NULL)
        return NULL;
    process_end(process, SIGKILL);
    close(process->pidfd);
    free(process);
    return NULL;
}
