package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.synthetic.GeneratedFile;
import io.loomvisor.vfs.synthetic.Opener;
import java.nio.charset.StandardCharsets;

/** The files of /proc/PID that may be written: comm, oom_score_adj. */
final class TaskSettingFile extends GeneratedFile {
  /** Which setting. */
  enum Setting {
    COMM("comm"),
    OOM_SCORE_ADJ("oom_score_adj");

    final String fileName;

    Setting(String fileName) {
      this.fileName = fileName;
    }
  }

  /** TASK_COMM_LEN without the NUL. */
  private static final int COMM_LENGTH = 15;

  private static final int FIRST_INDEX = 1000;
  private static final int OOM_MAX = 1000;

  private final TaskScope scope;
  private final Setting setting;

  TaskSettingFile(TaskScope scope, Setting setting) {
    super(scope.filesystem(), scope.inode(TaskScope.FILE, FIRST_INDEX + setting.ordinal()), 0644);
    this.scope = scope;
    this.setting = setting;
  }

  @Override
  public int uid() {
    return scope.owner(false).euid();
  }

  @Override
  public int gid() {
    return scope.owner(false).egid();
  }

  @Override
  protected byte[] contents(Opener reader) {
    String text =
        switch (setting) {
          case COMM -> scope.view().status().name();
          case OOM_SCORE_ADJ -> {
            scope.view().status(); // ESRCH when it has gone
            yield Integer.toString(scope.view().oomScoreAdjustment());
          }
        };
    return (text + "\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  protected int store(Opener writer, byte[] data, long offset) {
    String text = new String(data, StandardCharsets.ISO_8859_1);
    switch (setting) {
      case COMM -> setName(writer, text);
      case OOM_SCORE_ADJ -> setOomScoreAdjustment(writer, text.strip());
    }
    return data.length;
  }

  /**
   * A process names its own threads only: EINVAL otherwise. A newline at the end is dropped by the
   * reader, not here.
   */
  private void setName(Opener writer, String text) {
    if (writer.threadGroup() != scope.view().status().identity().tgid()) {
      throw Errno.EINVAL.exception();
    }
    int nul = text.indexOf('\0');
    String name = nul < 0 ? text : text.substring(0, nul);
    scope.view().setName(name.substring(0, Math.min(name.length(), COMM_LENGTH)));
  }

  private void setOomScoreAdjustment(Opener writer, String text) {
    int value;
    try {
      value = Integer.parseInt(text);
    } catch (NumberFormatException _) {
      throw Errno.EINVAL.exception();
    }
    if (value < -OOM_MAX || value > OOM_MAX) {
      throw Errno.EINVAL.exception();
    }
    scope.view().status(); // ESRCH when it has gone
    if (value < scope.view().oomScoreAdjustment()
        && !writer.credentials().has(Credentials.CAP_SYS_RESOURCE)) {
      throw Errno.EACCES.exception();
    }
    scope.view().setOomScoreAdjustment(value);
  }
}
