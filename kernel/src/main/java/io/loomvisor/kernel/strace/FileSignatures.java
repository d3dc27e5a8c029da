package io.loomvisor.kernel.strace;

import static io.loomvisor.kernel.strace.Argument.ADDRESS;
import static io.loomvisor.kernel.strace.Argument.BYTES_IN;
import static io.loomvisor.kernel.strace.Argument.BYTES_OUT;
import static io.loomvisor.kernel.strace.Argument.DIRECTORY;
import static io.loomvisor.kernel.strace.Argument.HEX;
import static io.loomvisor.kernel.strace.Argument.HEX_INT;
import static io.loomvisor.kernel.strace.Argument.INT;
import static io.loomvisor.kernel.strace.Argument.LONG;
import static io.loomvisor.kernel.strace.Argument.MODE;
import static io.loomvisor.kernel.strace.Argument.PATH;
import static io.loomvisor.kernel.strace.Argument.SIZE;
import static io.loomvisor.kernel.strace.Argument.STRING;
import static io.loomvisor.kernel.strace.Argument.UNSIGNED;
import static io.loomvisor.kernel.strace.Argument.named;
import static io.loomvisor.kernel.strace.Arguments.*;
import static io.loomvisor.kernel.syscall.SyscallNumber.*;

import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.Map;

/** Signatures of files, directories, descriptors, sockets and polling. */
final class FileSignatures {
  private static final Argument AT = named(FileNames.AT_FLAGS);

  private FileSignatures() {}

  static void addTo(Map<SyscallNumber, Signature> table) {
    data(table);
    paths(table);
    attributes(table);
    descriptors(table);
    sockets(table);
    polling(table);
  }

  private static void put(
      Map<SyscallNumber, Signature> table, SyscallNumber number, Argument... arguments) {
    table.put(number, Signature.of(Result.NUMBER, arguments));
  }

  private static void data(Map<SyscallNumber, Signature> t) {
    put(t, READ, INT, BYTES_OUT, SIZE);
    put(t, WRITE, INT, BYTES_IN, SIZE);
    put(t, PREAD64, INT, BYTES_OUT, SIZE, LONG);
    put(t, PWRITE64, INT, BYTES_IN, SIZE, LONG);
    put(t, READV, INT, VECTOR_OUT, INT);
    put(t, WRITEV, INT, VECTOR_IN, INT);
    put(t, PREADV, INT, VECTOR_OUT, INT, LONG);
    put(t, PWRITEV, INT, VECTOR_IN, INT, LONG);
    put(t, PREADV2, INT, VECTOR_OUT, INT, LONG, LONG, HEX_INT);
    put(t, PWRITEV2, INT, VECTOR_IN, INT, LONG, LONG, HEX_INT);
    put(t, LSEEK, INT, LONG, named(FileNames.WHENCE));
    put(t, SENDFILE, INT, INT, ADDRESS, SIZE);
    put(t, COPY_FILE_RANGE, INT, ADDRESS, INT, ADDRESS, SIZE, HEX_INT);
    put(t, SPLICE, INT, ADDRESS, INT, ADDRESS, SIZE, named(FileNames.SPLICE));
    put(t, TEE, INT, INT, SIZE, named(FileNames.SPLICE));
    put(t, VMSPLICE, INT, VECTOR_IN, SIZE, named(FileNames.SPLICE));
    put(t, TRUNCATE, PATH, LONG);
    put(t, FTRUNCATE, INT, LONG);
    put(t, FALLOCATE, INT, named(FileNames.FALLOCATE), LONG, LONG);
    put(t, FADVISE64, INT, LONG, SIZE, named(FileNames.FADVISE));
    put(t, READAHEAD, INT, LONG, SIZE);
    put(t, FSYNC, INT);
    put(t, FDATASYNC, INT);
    put(t, SYNCFS, INT);
    put(t, SYNC);
    put(t, GETDENTS64, INT, DIRECTORY_ENTRIES, UNSIGNED);
    put(t, GETDENTS, INT, ADDRESS, UNSIGNED);
  }

  private static void paths(Map<SyscallNumber, Signature> t) {
    put(t, OPEN, PATH, OPEN_FLAGS, OPEN_MODE);
    put(t, OPENAT, DIRECTORY, PATH, OPEN_FLAGS, OPEN_MODE);
    put(t, OPENAT2, DIRECTORY, PATH, ADDRESS, SIZE);
    put(t, CREAT, PATH, MODE);
    put(t, MKDIR, PATH, MODE);
    put(t, MKDIRAT, DIRECTORY, PATH, MODE);
    put(t, MKNOD, PATH, FILE_MODE, HEX);
    put(t, MKNODAT, DIRECTORY, PATH, FILE_MODE, HEX);
    put(t, RMDIR, PATH);
    put(t, UNLINK, PATH);
    put(t, UNLINKAT, DIRECTORY, PATH, AT);
    put(t, LINK, PATH, PATH);
    put(t, LINKAT, DIRECTORY, PATH, DIRECTORY, PATH, AT);
    put(t, SYMLINK, PATH, PATH);
    put(t, SYMLINKAT, PATH, DIRECTORY, PATH);
    put(t, RENAME, PATH, PATH);
    put(t, RENAMEAT, DIRECTORY, PATH, DIRECTORY, PATH);
    put(t, RENAMEAT2, DIRECTORY, PATH, DIRECTORY, PATH, named(FileNames.RENAME));
    put(t, READLINK, PATH, BYTES_OUT, SIZE);
    put(t, READLINKAT, DIRECTORY, PATH, BYTES_OUT, SIZE);
    put(t, CHDIR, PATH);
    put(t, FCHDIR, INT);
    put(t, CHROOT, PATH);
    put(t, GETCWD, STRING_OUT, SIZE);
    put(t, MOUNT, PATH, PATH, STRING, HEX, ADDRESS);
    put(t, UMOUNT2, PATH, named(FileNames.UMOUNT));
    put(t, PIVOT_ROOT, PATH, PATH);
    put(t, OPEN_TREE, DIRECTORY, PATH, HEX_INT);
    put(t, MOVE_MOUNT, DIRECTORY, PATH, DIRECTORY, PATH, HEX_INT);
    put(t, MOUNT_SETATTR, DIRECTORY, PATH, HEX_INT, ADDRESS, SIZE);
    put(t, FSOPEN, STRING, HEX_INT);
    put(t, FSPICK, DIRECTORY, PATH, HEX_INT);
    put(t, FSCONFIG, INT, INT, STRING, ADDRESS, INT);
    put(t, FSMOUNT, INT, HEX_INT, HEX_INT);
    put(t, STATFS, PATH, ADDRESS);
    put(t, FSTATFS, INT, ADDRESS);
    put(t, INOTIFY_ADD_WATCH, INT, PATH, HEX_INT);
    put(t, INOTIFY_RM_WATCH, INT, INT);
    put(t, INOTIFY_INIT1, HEX_INT);
  }

  private static void attributes(Map<SyscallNumber, Signature> t) {
    put(t, SyscallNumber.STAT, PATH, Arguments.STAT);
    put(t, LSTAT, PATH, Arguments.STAT);
    put(t, FSTAT, INT, Arguments.STAT);
    put(t, NEWFSTATAT, DIRECTORY, PATH, Arguments.STAT, AT);
    put(
        t,
        SyscallNumber.STATX,
        DIRECTORY,
        PATH,
        named(FileNames.STATX_FLAGS),
        named(FileNames.STATX_MASK),
        Arguments.STATX);
    put(t, ACCESS, PATH, named(FileNames.ACCESS));
    put(t, FACCESSAT, DIRECTORY, PATH, named(FileNames.ACCESS));
    put(t, FACCESSAT2, DIRECTORY, PATH, named(FileNames.ACCESS), named(FileNames.ACCESS_FLAGS));
    put(t, CHMOD, PATH, MODE);
    put(t, FCHMOD, INT, MODE);
    put(t, FCHMODAT, DIRECTORY, PATH, MODE);
    put(t, FCHMODAT2, DIRECTORY, PATH, MODE, AT);
    put(t, CHOWN, PATH, INT, INT);
    put(t, LCHOWN, PATH, INT, INT);
    put(t, FCHOWN, INT, INT, INT);
    put(t, FCHOWNAT, DIRECTORY, PATH, INT, INT, AT);
    put(t, UTIMENSAT, DIRECTORY, PATH, TIMESPECS, AT);
    put(t, FUTIMESAT, DIRECTORY, PATH, TIMEVALS);
    put(t, UTIMES, PATH, TIMEVALS);
    put(t, UTIME, PATH, ADDRESS);
    t.put(UMASK, Signature.of(Result.OCTAL, MODE));
    put(t, GETXATTR, PATH, STRING, BYTES_OUT, SIZE);
    put(t, LGETXATTR, PATH, STRING, BYTES_OUT, SIZE);
    put(t, FGETXATTR, INT, STRING, BYTES_OUT, SIZE);
    put(t, SETXATTR, PATH, STRING, BYTES_IN, SIZE, named(FileNames.XATTR));
    put(t, LSETXATTR, PATH, STRING, BYTES_IN, SIZE, named(FileNames.XATTR));
    put(t, FSETXATTR, INT, STRING, BYTES_IN, SIZE, named(FileNames.XATTR));
    put(t, LISTXATTR, PATH, BYTES_OUT, SIZE);
    put(t, LLISTXATTR, PATH, BYTES_OUT, SIZE);
    put(t, FLISTXATTR, INT, BYTES_OUT, SIZE);
    put(t, REMOVEXATTR, PATH, STRING);
    put(t, LREMOVEXATTR, PATH, STRING);
    put(t, FREMOVEXATTR, INT, STRING);
  }

  private static void descriptors(Map<SyscallNumber, Signature> t) {
    put(t, CLOSE, INT);
    put(t, CLOSE_RANGE, UNSIGNED, UNSIGNED, named(FileNames.CLOSE_RANGE));
    put(t, DUP, INT);
    put(t, DUP2, INT, INT);
    put(t, DUP3, INT, INT, OPEN_FLAGS);
    put(t, PIPE, PAIR);
    put(t, PIPE2, PAIR, pipeFlags());
    t.put(FCNTL, Signature.of(Result.FCNTL, INT, named(FileNames.FCNTL), FCNTL_ARGUMENT));
    put(t, FLOCK, INT, named(FileNames.FLOCK));
    put(t, IOCTL, INT, IOCTL_REQUEST, IOCTL_ARGUMENT);
    put(t, EVENTFD, UNSIGNED);
    put(t, EVENTFD2, UNSIGNED, named(SocketText.EVENTFD));
    put(t, SIGNALFD4, INT, SIGNAL_SET, SIZE, pipeFlags());
    put(t, MEMFD_CREATE, STRING, named(FileNames.MEMFD));
    put(t, TIMERFD_CREATE, named(ProcessNames.CLOCK), named(ProcessNames.TIMERFD));
    put(t, TIMERFD_SETTIME, INT, named(ProcessNames.TIMERFD_SET), ITIMERSPEC, ITIMERSPEC_OUT);
    put(t, TIMERFD_GETTIME, INT, ITIMERSPEC_OUT);
    put(t, PIDFD_OPEN, INT, HEX_INT);
    put(t, PIDFD_SEND_SIGNAL, INT, SIGNAL, SIGNAL_INFO, HEX_INT);
    put(t, PIDFD_GETFD, INT, INT, HEX_INT);
  }

  private static Argument pipeFlags() {
    return named(Names.flags("O_", "O_NONBLOCK 04000", "O_CLOEXEC 02000000", "O_DIRECT 040000"));
  }

  private static void sockets(Map<SyscallNumber, Signature> t) {
    put(t, SOCKET, named(SocketText.FAMILY), SOCKET_TYPE, SOCKET_PROTOCOL);
    put(t, SOCKETPAIR, named(SocketText.FAMILY), SOCKET_TYPE, SOCKET_PROTOCOL, PAIR);
    put(t, BIND, INT, SOCKET_ADDRESS, INT);
    put(t, CONNECT, INT, SOCKET_ADDRESS, INT);
    put(t, LISTEN, INT, INT);
    put(t, ACCEPT, INT, SOCKET_ADDRESS_OUT, INT_OUT);
    put(t, ACCEPT4, INT, SOCKET_ADDRESS_OUT, INT_OUT, named(SocketText.ACCEPT_FLAGS));
    put(t, GETSOCKNAME, INT, SOCKET_ADDRESS_OUT, INT_OUT);
    put(t, GETPEERNAME, INT, SOCKET_ADDRESS_OUT, INT_OUT);
    put(t, SENDTO, INT, BYTES_IN, SIZE, named(SocketText.MESSAGE), SOCKET_ADDRESS, UNSIGNED);
    put(t, RECVFROM, INT, BYTES_OUT, SIZE, named(SocketText.MESSAGE), SOCKET_ADDRESS_OUT, INT_OUT);
    put(t, SENDMSG, INT, MESSAGE_IN, named(SocketText.MESSAGE));
    put(t, RECVMSG, INT, MESSAGE_OUT, named(SocketText.MESSAGE));
    put(t, SENDMMSG, INT, ADDRESS, UNSIGNED, named(SocketText.MESSAGE));
    put(t, RECVMMSG, INT, ADDRESS, UNSIGNED, named(SocketText.MESSAGE), TIMESPEC);
    put(t, SHUTDOWN, INT, named(SocketText.SHUTDOWN));
    put(t, SETSOCKOPT, INT, named(SocketText.LEVEL), SOCKET_OPTION, OPTION_VALUE, INT);
    put(t, GETSOCKOPT, INT, named(SocketText.LEVEL), SOCKET_OPTION, OPTION_VALUE_OUT, INT_OUT);
  }

  private static void polling(Map<SyscallNumber, Signature> t) {
    t.put(POLL, Signature.of(Result.POLLED, POLL_SET, UNSIGNED, INT));
    t.put(PPOLL, Signature.of(Result.POLLED, POLL_SET, UNSIGNED, TIMESPEC, SIGNAL_SET, SIZE));
    t.put(SELECT, Signature.of(Result.SELECTED, INT, FD_SET, FD_SET, FD_SET, TIMEVAL));
    t.put(PSELECT6, Signature.of(Result.SELECTED, INT, FD_SET, FD_SET, FD_SET, TIMESPEC, ADDRESS));
    put(t, EPOLL_CREATE, INT);
    put(t, EPOLL_CREATE1, named(SocketText.EPOLL_FLAGS));
    put(t, EPOLL_CTL, INT, named(SocketText.EPOLL_OPERATION), INT, EPOLL_EVENT);
    t.put(EPOLL_WAIT, Signature.of(Result.READY, INT, EPOLL_EVENTS, INT, INT));
    t.put(EPOLL_PWAIT, Signature.of(Result.READY, INT, EPOLL_EVENTS, INT, INT, SIGNAL_SET, SIZE));
    t.put(
        EPOLL_PWAIT2,
        Signature.of(Result.READY, INT, EPOLL_EVENTS, INT, TIMESPEC, SIGNAL_SET, SIZE));
  }
}
