// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first process of the UML guest
 *
 * The root at first is the host's, read-only. What the guest gets is an overlay:
 * a memory file system on top, then the modules, then what tests/stage.sh made,
 * then the host. Nothing that the guest does reaches the host but what it writes
 * to /run/xa, the folder of this run.
 *
 * From the kernel's command line: xa_run, xa_stage, xa_mods (folders of the
 * host), xa_runner (the program to run) and xa_shell. From the run's folder:
 * `specs`, the program's arguments, and `env`, its variables, one a line. To
 * it: `status`, the program's exit status.
 *
 * A program and not a script: a dozen of mount(8) takes longer than the boot.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define MAX_WORDS	512	/* arguments of the program */
#define MAX_LINE	65536	/* bytes */

static void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void die(const char *what)
{
	dprintf(open("/dev/kmsg", O_WRONLY), "umlbed: %s: %s\n", what,
		strerror(errno));
	power_off();
}

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	if (!value) {
		errno = EINVAL;
		die(name);
	}
	return value;
}

static void put(const char *type, const char *where, const char *options)
{
	if (mkdir(where, 0755) < 0 && errno != EEXIST && errno != EROFS)
		die(where);
	if (mount("none", where, type, 0, options) < 0)
		die(where);
}

static void make_root(void)
{
	put("tmpfs", "/mnt", "mode=755");
	mkdir("/mnt/up", 0755);
	mkdir("/mnt/work", 0755);
	put("hostfs", "/mnt/stage", setting("xa_stage"));
	put("hostfs", "/mnt/mods", setting("xa_mods"));
	put("overlay", "/mnt/root",
	    "lowerdir=/mnt/mods:/mnt/stage:/,upperdir=/mnt/up,workdir=/mnt/work");
}

/* No chroot: user namespaces are refused to who sits in one. */
static void enter_root(void)
{
	if (chdir("/mnt/root") < 0)
		die("/mnt/root");
	put("tmpfs", "run", "mode=755");
	if (mkdir("run/old", 0700) < 0 ||
	    syscall(SYS_pivot_root, ".", "run/old") < 0 || chdir("/") < 0 ||
	    umount2("/run/old", MNT_DETACH) < 0)
		die("pivot_root");
	rmdir("/run/old");
}

static void fill_root(void)
{
	put("proc", "/proc", NULL);
	put("sysfs", "/sys", NULL);
	put("debugfs", "/sys/kernel/debug", NULL);
	put("devtmpfs", "/dev", NULL);
	put("devpts", "/dev/pts", "mode=620,ptmxmode=666");
	put("tmpfs", "/dev/shm", "mode=1777");
	put("tmpfs", "/tmp", "mode=1777");
	mkdir("/run/lock", 0755);
	mkdir("/run/netns", 0755);
	put("hostfs", "/run/xa", setting("xa_run"));
}

static void loopback_up(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &req) < 0)
		die("lo");
	close(fd);
}

/* Calls func with each line of a file of the run's folder. */
static void each_line(const char *path, void (*func)(char *line))
{
	static char line[MAX_LINE];
	FILE *file = fopen(path, "r");

	if (!file)
		die(path);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		func(strdup(line));
	}
	fclose(file);
}

static char *words[MAX_WORDS + 2];
static unsigned int n_words;

static void add_word(char *word)
{
	if (n_words == MAX_WORDS) {
		errno = E2BIG;
		die("specs");
	}
	words[n_words++] = word;
}

static void add_variable(char *line)
{
	putenv(line);
}

/* Output as it is; a terminal that is written to raw, or one to type at. */
static void open_terminal(const char *path, int raw)
{
	struct termios t;
	int fd = open(path, O_RDWR);

	if (fd < 0)
		die(path);
	if (raw && tcgetattr(fd, &t) == 0) {
		cfmakeraw(&t);
		tcsetattr(fd, TCSANOW, &t);
	}
	dup2(fd, 1);
	dup2(fd, 2);
	if (!raw) {
		ioctl(fd, TIOCSCTTY, 1);
		dup2(fd, 0);
	}
	if (fd > 2)
		close(fd);
}

static void run_program(void)
{
	char shell[] = "/bin/bash", *fallback[] = { "/bin/sh", NULL };

	setsid();
	dup2(open("/dev/null", O_RDWR), 0);
	if (getenv("xa_shell")) {
		open_terminal("/dev/tty0", 0);
		puts("Root of a UML guest; tests are in /xa/tests. Leave with exit or ^D.");
		fflush(stdout);
		words[0] = shell;
		words[1] = NULL;
		execv(words[0], words);
		execv(fallback[0], fallback);
	} else {
		open_terminal("/dev/ttyS0", 1);
		execv(words[0], words);
	}
	dprintf(2, "%s: %s\n", words[0], strerror(errno));
	_exit(127);
}

/* Waits for the program; reaps what others leave behind. */
static int wait_for(pid_t program)
{
	int status;
	pid_t pid;

	while ((pid = wait(&status)) != program)
		if (pid < 0 && errno != EINTR)
			die("wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void set_variables(void)
{
	static const char *const settings[] = {
		"xa_run", "xa_stage", "xa_mods", "xa_runner", "xa_shell",
	};
	unsigned int i;

	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("LC_ALL", "C", 1);
	setenv("XA_RESULT", "/run/xa/result", 1);
	each_line("/run/xa/env", add_variable);
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]) - 1; i++)
		unsetenv(settings[i]);
}

int main(void)
{
	int shell = getenv("xa_shell") != NULL;
	FILE *file;
	pid_t pid;

	make_root();
	enter_root();
	fill_root();
	loopback_up();
	if (sethostname("uml", 3) < 0)
		die("hostname");
	add_word(strdup(setting("xa_runner")));
	each_line("/run/xa/specs", add_word);
	set_variables();
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid)
		run_program();
	file = fopen("/run/xa/status", "w");
	if (!file)
		die("status");
	fprintf(file, "%d\n", wait_for(pid));
	fclose(file);
	if (!shell)
		tcdrain(open("/dev/ttyS0", O_RDWR));
	power_off();
}
