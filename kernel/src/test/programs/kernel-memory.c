// Makes the kernel remember as much as it can be made to: kernel-memory WHAT COUNT. Prints how far it came and which error stopped
// it ("2000000 none"), and then that the kernel still works.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static long count;

static void stopped(long at, int error)
{
	printf("%ld %s\n", at, error == 0 ? "none" : strerrorname_np(error));
	fflush(stdout);
}

static void fail(const char *what)
{
	printf("%s: %s\n", what, strerrorname_np(errno));
	exit(1);
}

static void many(int (*one)(long))
{
	long i = 0;
	errno = 0;
	while (i < count && one(i) >= 0)
		i++;
	stopped(i, i < count ? errno : 0);
}

static char name[PATH_MAX];

static const char *named(const char *format, long i)
{
	snprintf(name, sizeof name, format, i);
	return name;
}

static int absent(long i)
{
	struct stat s;
	return stat(named("/usr/no-such-name-%ld", i), &s) == -1 && errno == ENOENT ? 0 : -1;
}

static int absent_below(long i)
{
	struct stat s;
	char there[64];
	snprintf(there, sizeof there, "/tmp/d%ld", i);
	if (mkdir(there, 0755) == -1)
		return -1;
	for (int j = 0; j < 8; j++)
		stat(strcat(there, "/x"), &s);
	snprintf(there, sizeof there, "/tmp/d%ld", i);
	return rmdir(there);
}

static int file(long i)
{
	int fd = open(named("big/a-file-with-a-longer-name-%ld", i), O_CREAT | O_WRONLY, 0644);
	return fd == -1 ? -1 : close(fd);
}

static int directory(long i)
{
	return mkdir(named("big/directory-%ld", i), 0755);
}

static int link_of_symbols(long i)
{
	static char target[4000];
	memset(target, 'x', sizeof target - 1);
	return symlink(target, named("big/symlink-%ld", i));
}

static int hard(long i)
{
	return link("big/first", named("big/link-with-a-longer-name-%ld", i));
}

static int attribute(long i)
{
	static char value[60000];
	if (file(i) == -1)
		return -1;
	return setxattr(name, "trusted.big", value, sizeof value, 0);
}

static int fill_and_stay(int (*one)(long))
{
	fflush(stdout);
	pid_t child = fork();
	if (child != 0)
		return child == -1 ? -1 : 0;
	for (;;) {
		if (one(0) < 0)
			pause();
	}
}

static int eventfd_once(long i)
{
	return eventfd(0, 0);
}

static int eventfds(long i)
{
	return fill_and_stay(eventfd_once);
}

static int pipe_once(long i)
{
	int p[2];
	return pipe(p);
}

static int pipes(long i)
{
	return fill_and_stay(pipe_once);
}

static int socket_once(long i)
{
	int p[2];
	return socketpair(AF_UNIX, SOCK_STREAM, 0, p);
}

static int sockets(long i)
{
	return fill_and_stay(socket_once);
}

static int udp_once(long i)
{
	return socket(AF_INET, SOCK_DGRAM, 0);
}

static int udps(long i)
{
	return fill_and_stay(udp_once);
}

static int open_once(long i)
{
	return open("/", O_RDONLY);
}

static int opens(long i)
{
	return fill_and_stay(open_once);
}

static int memfd_once(long i)
{
	return memfd_create("m", 0);
}

static int memfds(long i)
{
	return fill_and_stay(memfd_once);
}

static int record(long i)
{
	struct flock l = { .l_type = i % 2 ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET, .l_start = i, .l_len = 1 };
	static int fd = -1;
	if (fd == -1)
		fd = open("big/first", O_RDWR);
	return fcntl(fd, F_SETLK, &l);
}

static int watch(long i)
{
	static int fd = -1;
	if (fd == -1)
		fd = inotify_init();
	return file(i) == -1 ? -1 : inotify_add_watch(fd, name, IN_ALL_EVENTS);
}

static int watch_of_users(long i)
{
	int result = watch(i);
	if (result == -1 && errno == ENOSPC) {
		static uid_t user = 1000;
		setresuid(-1, user++, 0);
		return 0;
	}
	return result;
}

static int item(long i)
{
	static int target = -1;
	if (target == -1)
		target = eventfd(0, 0);
	static int set = -1, in_set = 1000;
	if (in_set == 1000) {
		set = epoll_create1(0);
		in_set = 0;
		if (set == -1)
			return -1;
	}
	static int copies[1000];
	if (copies[in_set] == 0)
		copies[in_set] = dup(target);
	struct epoll_event e = { .events = EPOLLIN };
	return epoll_ctl(set, EPOLL_CTL_ADD, copies[in_set++], &e);
}

static int timer(long i)
{
	timer_t t;
	struct sigevent e = { .sigev_notify = SIGEV_NONE };
	return timer_create(CLOCK_MONOTONIC, &e, &t);
}

static int signal_queued(long i)
{
	return sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ 0 });
}

static int message_queue(long i)
{
	struct mq_attr a = { .mq_maxmsg = 10, .mq_msgsize = 8192 };
	mqd_t q = mq_open(named("/queue-%ld", i), O_CREAT | O_RDWR, 0600, &a);
	if (q == -1)
		return -1;
	static char text[8192];
	for (int j = 0; j < 10; j++)
		mq_send(q, text, sizeof text, 0);
	return close(q);
}

static int mounts(long i)
{
	return mount("none", "big", "tmpfs", 0, "");
}

static int mapping(long i)
{
	static char *at;
	if (i % 60000 == 0) {
		if (i > 0) {
			pid_t child = fork();
			if (child == -1)
				return -1;
			if (child == 0)
				pause();
			return 0;
		}
		at = mmap(NULL, 4096L * 120000, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	}
	if (i < 60000)
		return mprotect(at + 8192 * i, 4096, PROT_READ);
	return 0;
}

static int semaphores(long i)
{
	return semget(IPC_PRIVATE, 32000, IPC_CREAT | 0600);
}

static int segment(long i)
{
	return shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
}

static int cached_page(long i)
{
	char byte;
	int fd = open(named("files/%ld", i), O_RDONLY);
	if (fd == -1)
		return -1;
	if (read(fd, &byte, 1) == -1)
		return -1;
	return close(fd);
}

static int looked_at(long i)
{
	struct stat s;
	return stat(named("files/%ld", i), &s);
}

static long walked;

static void walk(int at, const char *path)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;
	while (d != NULL && (e = readdir(d)) != NULL) {
		struct stat s;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (fstatat(dirfd(d), e->d_name, &s, AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		walked++;
		if (S_ISDIR(s.st_mode))
			walk(dirfd(d), e->d_name);
	}
	if (d != NULL)
		closedir(d);
}

static const struct {
	const char *what;
	int (*one)(long);
} kinds[] = {
	{ "absent", absent }, { "absent-below", absent_below }, { "file", file }, { "directory", directory },
	{ "symlink", link_of_symbols }, { "hard-link", hard }, { "attribute", attribute }, { "eventfd", eventfds },
	{ "pipe", pipes }, { "socket", sockets }, { "udp", udps }, { "open", opens }, { "memfd", memfds }, { "record", record },
	{ "watch", watch }, { "watch-of-users", watch_of_users }, { "item", item }, { "timer", timer },
	{ "signal", signal_queued }, { "message-queue", message_queue }, { "mount", mounts }, { "mapping", mapping },
	{ "semaphore", semaphores }, { "segment", segment }, { "cached-page", cached_page }, { "looked-at", looked_at },
};

static void still_works(void)
{
	fflush(stdout);
	pid_t child = fork();
	if (child == -1)
		fail("fork");
	if (child == 0) {
		execl("/bin/echo", "echo", "still works", (char *)NULL);
		fail("exec");
	}
	int status;
	waitpid(child, &status, 0);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	count = atol(argv[2]);
	signal(SIGCHLD, SIG_DFL);
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	struct rlimit r;
	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	if (chdir(argc > 3 ? argv[3] : "/tmp") == -1)
		fail("chdir");
	if (argc <= 3 && mkdir("big", 0755) == -1 && errno != EEXIST)
		fail("mkdir");
	if (argc > 4 && mount("none", "big", "tmpfs", 0, argv[4]) == -1)
		fail("mount");
	if (strcmp(argv[1], "walk") == 0) {
		for (long i = 0; i < count; i++) {
			walked = 0;
			walk(AT_FDCWD, ".");
			printf("%ld walked\n", walked);
			fflush(stdout);
		}
		if (getenv("STAY") != NULL)
			pause();
		still_works();
	}
	close(open("big/first", O_CREAT | O_WRONLY, 0644));
	for (unsigned k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
		if (strcmp(argv[1], kinds[k].what) == 0) {
			many(kinds[k].one);
			if (getenv("STAY") != NULL)
				pause();
			still_works();
		}
	return 2;
}
