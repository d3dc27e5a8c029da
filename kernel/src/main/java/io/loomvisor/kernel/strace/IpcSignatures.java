package io.loomvisor.kernel.strace;

import static io.loomvisor.kernel.strace.Argument.ADDRESS;
import static io.loomvisor.kernel.strace.Argument.BYTES_IN;
import static io.loomvisor.kernel.strace.Argument.BYTES_OUT;
import static io.loomvisor.kernel.strace.Argument.HEX;
import static io.loomvisor.kernel.strace.Argument.INT;
import static io.loomvisor.kernel.strace.Argument.LONG;
import static io.loomvisor.kernel.strace.Argument.MODE;
import static io.loomvisor.kernel.strace.Argument.PATH;
import static io.loomvisor.kernel.strace.Argument.SIZE;
import static io.loomvisor.kernel.strace.Argument.UNSIGNED;
import static io.loomvisor.kernel.strace.Argument.in;
import static io.loomvisor.kernel.strace.Argument.named;
import static io.loomvisor.kernel.strace.Arguments.INT_OUT;
import static io.loomvisor.kernel.strace.Arguments.OPEN_FLAGS;
import static io.loomvisor.kernel.strace.Arguments.TIMESPEC;
import static io.loomvisor.kernel.syscall.SyscallNumber.*;

import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.Map;

/** Signatures of System V IPC, POSIX message queues and inotify. */
final class IpcSignatures {
  private static final Names.Flags GET =
      (Names.Flags) Names.flags("IPC_", "IPC_CREAT 01000", "IPC_EXCL 02000");

  private static final Names.Flags SHMGET_FLAGS =
      (Names.Flags)
          Names.flags(
              "SHM_",
              "IPC_CREAT 01000",
              "IPC_EXCL 02000",
              "SHM_HUGETLB 04000",
              "SHM_NORESERVE 010000");

  private static final Names SHMAT_FLAGS =
      Names.flags(
          "SHM_", "SHM_RDONLY 010000", "SHM_RND 020000", "SHM_REMAP 040000", "SHM_EXEC 0100000");

  private static final Names SHM_COMMAND =
      Names.choice(
          "SHM_",
          "IPC_RMID 0",
          "IPC_SET 1",
          "IPC_STAT 2",
          "IPC_INFO 3",
          "SHM_LOCK 11",
          "SHM_UNLOCK 12",
          "SHM_STAT 13",
          "SHM_INFO 14",
          "SHM_STAT_ANY 15");

  private static final Names SEM_COMMAND =
      Names.choice(
          "SEM_",
          "IPC_RMID 0",
          "IPC_SET 1",
          "IPC_STAT 2",
          "IPC_INFO 3",
          "GETPID 11",
          "GETVAL 12",
          "GETALL 13",
          "GETNCNT 14",
          "GETZCNT 15",
          "SETVAL 16",
          "SETALL 17",
          "SEM_STAT 18",
          "SEM_INFO 19",
          "SEM_STAT_ANY 20");

  private static final Names MSG_COMMAND =
      Names.choice(
          "MSG_",
          "IPC_RMID 0",
          "IPC_SET 1",
          "IPC_STAT 2",
          "IPC_INFO 3",
          "MSG_STAT 11",
          "MSG_INFO 12",
          "MSG_STAT_ANY 13");

  private static final Names MSG_FLAGS =
      Names.flags(
          "MSG_", "IPC_NOWAIT 04000", "MSG_NOERROR 010000", "MSG_EXCEPT 020000", "MSG_COPY 040000");

  private static final Names INOTIFY_FLAGS =
      Names.flags("IN_", "IN_NONBLOCK 04000", "IN_CLOEXEC 02000000");

  private static final Names INOTIFY_MASK =
      Names.flags(
          "IN_",
          "IN_ALL_EVENTS 0xfff",
          "IN_CLOSE 0x18",
          "IN_MOVE 0xc0",
          "IN_ACCESS 1",
          "IN_MODIFY 2",
          "IN_ATTRIB 4",
          "IN_CLOSE_WRITE 8",
          "IN_CLOSE_NOWRITE 0x10",
          "IN_OPEN 0x20",
          "IN_MOVED_FROM 0x40",
          "IN_MOVED_TO 0x80",
          "IN_CREATE 0x100",
          "IN_DELETE 0x200",
          "IN_DELETE_SELF 0x400",
          "IN_MOVE_SELF 0x800",
          "IN_ONLYDIR 0x1000000",
          "IN_DONT_FOLLOW 0x2000000",
          "IN_EXCL_UNLINK 0x4000000",
          "IN_MASK_CREATE 0x10000000",
          "IN_MASK_ADD 0x20000000",
          "IN_ONESHOT 0x80000000");

  private static final Argument KEY =
      in(
          (out, call, i) ->
              out.append(
                  call.getInt(i) == 0
                      ? "IPC_PRIVATE"
                      : "0x" + Integer.toHexString(call.getInt(i))));

  private IpcSignatures() {}

  /** Flags above the permission bits, as in IPC_CREAT|0600. */
  private static Argument flagsAndMode(Names.Flags names) {
    return in(
        (out, call, i) -> {
          int all = call.getInt(i);
          if (names.appendKnown(out, all & ~0777 & 0xffffffffL, "")) {
            out.append('|');
          }
          StructText.octal(out, all & 0777);
        });
  }

  private static void put(
      Map<SyscallNumber, Signature> table, SyscallNumber number, Argument... arguments) {
    table.put(number, Signature.of(Result.NUMBER, arguments));
  }

  static void addTo(Map<SyscallNumber, Signature> t) {
    put(t, SHMGET, KEY, SIZE, flagsAndMode(SHMGET_FLAGS));
    t.put(SHMAT, Signature.of(Result.ADDRESS, INT, ADDRESS, named(SHMAT_FLAGS)));
    put(t, SHMDT, ADDRESS);
    put(t, SHMCTL, INT, named(SHM_COMMAND), ADDRESS);
    put(t, SEMGET, KEY, INT, flagsAndMode(GET));
    put(t, SEMOP, INT, ADDRESS, SIZE);
    put(t, SEMTIMEDOP, INT, ADDRESS, SIZE, TIMESPEC);
    put(t, SEMCTL, INT, INT, named(SEM_COMMAND), HEX);
    put(t, MSGGET, KEY, flagsAndMode(GET));
    put(t, MSGSND, INT, ADDRESS, SIZE, named(MSG_FLAGS));
    put(t, MSGRCV, INT, ADDRESS, SIZE, LONG, named(MSG_FLAGS));
    put(t, MSGCTL, INT, named(MSG_COMMAND), ADDRESS);
    put(t, MQ_OPEN, PATH, OPEN_FLAGS, MODE, ADDRESS);
    put(t, MQ_UNLINK, PATH);
    put(t, MQ_TIMEDSEND, INT, BYTES_IN, SIZE, UNSIGNED, TIMESPEC);
    put(t, MQ_TIMEDRECEIVE, INT, BYTES_OUT, SIZE, INT_OUT, TIMESPEC);
    put(t, MQ_NOTIFY, INT, ADDRESS);
    put(t, MQ_GETSETATTR, INT, ADDRESS, ADDRESS);
    put(t, INOTIFY_INIT);
    put(t, INOTIFY_INIT1, named(INOTIFY_FLAGS));
    put(t, INOTIFY_ADD_WATCH, INT, PATH, named(INOTIFY_MASK));
    put(t, INOTIFY_RM_WATCH, INT, INT);
  }
}
