/* A program as a child of a test: its output goes to a file, it is ended by its process id, and it
 * ends by itself when the test program ends, however that happens. A child lives no longer than the
 * thread that started it: start processes from the main thread. What the machine does not allow
 * ends the test program with a message and the log. */
#ifndef NIVA_TESTS_SUPPORT_PROCESS_H
#define NIVA_TESTS_SUPPORT_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct process;

/* Starts `arguments[0]` (a path) with a NULL-terminated list of arguments; what it prints is
 * appended to `log`. Variables of the environment that begin with NIVA_ are not handed down. */
struct process *process_start(const char *const *arguments, const char *log);
/* Kills it if it runs, and frees. Accepts NULL and returns NULL. */
struct process *process_free(struct process *process);

/* Sends a signal and goes on; 0 sends none. Returns the process id, 0 once it has ended. */
pid_t process_signal(const struct process *process, int signal);
/* Sends a signal and waits for the end; returns the status of waitpid. A process that does not end
 * within half a minute ends the test program. */
int process_end(struct process *process, int signal);
/* Waits for its own end for at most `timeout_ms`; false when it still runs. `ret_status` may be
 * NULL. */
bool process_wait(struct process *process, int timeout_ms, int *ret_status);

/* Prints the end of a log on the error stream. */
void process_log_show(const char *log);

/* Says on the error stream what could not be done and ends the test program. */
void give_up(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
