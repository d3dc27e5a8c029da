package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/**
 * The C library's set-up calls, by JNA direct mapping. Safe: every pointer passed is memory that
 * the caller owns for the duration of the call, and errno comes back as {@link LastErrorException}.
 */
final class Libc {
  static final int AF_UNIX = 1;
  static final int AF_INET = 2;
  static final int AF_NETLINK = 16;
  static final int SOCK_STREAM = 1;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_RAW = 3;
  static final int SOCK_SEQPACKET = 5;
  static final int SOCK_CLOEXEC = 02000000;
  static final int SOCK_NONBLOCK = 04000;
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0100;
  static final int O_NOCTTY = 0400;
  static final int O_NONBLOCK = 04000;
  static final int O_CLOEXEC = 02000000;
  static final short POSIX_SPAWN_SETSID = 0x80;
  static final short POSIX_SPAWN_SETPGROUP = 0x02;
  static final short POSIX_SPAWN_SETSIGMASK = 0x08;

  /** Larger than glibc's posix_spawnattr_t (336) and posix_spawn_file_actions_t (80). */
  static final int SPAWN_ATTR_SIZE = 512;

  static final int SPAWN_ACTIONS_SIZE = 256;

  static {
    Native.register(NativeLibrary.getProcess()); // the JVM has the C library loaded
  }

  private Libc() {}

  static native int socketpair(int domain, int type, int protocol, int[] fds)
      throws LastErrorException;

  static native int socket(int domain, int type, int protocol) throws LastErrorException;

  static native int bind(int socket, Pointer address, int length) throws LastErrorException;

  static native int connect(int socket, Pointer address, int length) throws LastErrorException;

  static native long send(int socket, byte[] data, long length, int flags)
      throws LastErrorException;

  static native long recv(int socket, byte[] data, long length, int flags)
      throws LastErrorException;

  static native int posix_openpt(int flags) throws LastErrorException;

  static native int grantpt(int fd) throws LastErrorException;

  static native int open(String path, int flags) throws LastErrorException;

  static native int open(String path, int flags, int mode) throws LastErrorException;

  static native int mkfifo(String path, int mode) throws LastErrorException;

  static native Pointer signal(int number, Pointer action) throws LastErrorException;

  static native int flock(int fd, int operation) throws LastErrorException;

  static native int unlockpt(int fd) throws LastErrorException;

  static native int ptsname_r(int fd, byte[] buffer, long size);

  static native int ioctl(int fd, long request, Pointer argument) throws LastErrorException;

  static native int poll(Pointer set, long count, int timeout) throws LastErrorException;

  static native int setns(int fd, int kind) throws LastErrorException;

  static native int close(int fd) throws LastErrorException;

  static native int posix_spawnattr_init(Pointer attr);

  static native int posix_spawnattr_destroy(Pointer attr);

  static native int posix_spawnattr_setflags(Pointer attr, short flags);

  static native int posix_spawnattr_setpgroup(Pointer attr, int pgroup);

  static native int posix_spawn_file_actions_init(Pointer actions);

  static native int posix_spawn_file_actions_destroy(Pointer actions);

  static native int posix_spawn_file_actions_adddup2(Pointer actions, int fd, int newfd);

  static native int posix_spawn_file_actions_addopen(
      Pointer actions, int fd, String path, int flags, int mode);

  static native int posix_spawn_file_actions_addclosefrom_np(Pointer actions, int from);

  static native int posix_spawn(
      int[] pid, String path, Pointer actions, Pointer attr, Pointer argv, Pointer envp);

  static native int waitpid(int pid, int[] status, int options) throws LastErrorException;

  static native int kill(int pid, int signal) throws LastErrorException;

  static native int umask(int mask);

  static native int getuid();

  static native int getgid();

  static native int getgroups(int size, int[] list) throws LastErrorException;

  static native int getpid();

  static native void _exit(int status);

  static native int unshare(int flags) throws LastErrorException;

  static native int setgroups(long size, int[] list) throws LastErrorException;

  static native int setresuid(int real, int effective, int saved) throws LastErrorException;

  static native int setresgid(int real, int effective, int saved) throws LastErrorException;

  static native int getrlimit(int resource, Pointer limit) throws LastErrorException;

  static native int setrlimit(int resource, Pointer limit) throws LastErrorException;

  /** syscall(2), for what glibc has no function for. */
  static native long syscall(long number, long a, long b) throws LastErrorException;
}
