package io.loomvisor.kernel.ipc;

/** Numbers of linux/ipc.h that the three mechanisms share. */
public final class IpcFlags {
  /** A key that names nothing. */
  public static final int IPC_PRIVATE = 0;

  public static final int IPC_CREAT = 01000;
  public static final int IPC_EXCL = 02000;
  public static final int IPC_NOWAIT = 04000;

  public static final int IPC_RMID = 0;
  public static final int IPC_SET = 1;
  public static final int IPC_STAT = 2;
  public static final int IPC_INFO = 3;

  /** S_IRWXUGO: the mode bits of a flags argument. */
  public static final int MODE = 0777;

  /** What {@link IpcPermission#check} takes for reading and for changing: S_IRUGO, S_IWUGO. */
  public static final int READ = 0444;

  public static final int WRITE = 0222;

  private IpcFlags() {}
}
