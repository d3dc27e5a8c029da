package io.loomvisor.task.process;

/**
 * What read(2), write(2) and kin have moved, and how many such calls there were (proc_pid_io(5)).
 */
public record IoUsage(long readBytes, long writtenBytes, long readCalls, long writeCalls) {
  public static final IoUsage NONE = new IoUsage(0, 0, 0, 0);

  IoUsage plus(IoUsage other) {
    return new IoUsage(
        readBytes + other.readBytes,
        writtenBytes + other.writtenBytes,
        readCalls + other.readCalls,
        writeCalls + other.writeCalls);
  }
}
