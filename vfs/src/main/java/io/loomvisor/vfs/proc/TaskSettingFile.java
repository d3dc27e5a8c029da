package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.synthetic.GeneratedFile;
import io.loomvisor.vfs.synthetic.Opener;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The files of /proc/PID that may be written: comm, oom_score_adj, coredump_filter. */
final class TaskSettingFile extends GeneratedFile {
  /** Which setting. */
  enum Setting {
    COMM("comm"),
    OOM_SCORE_ADJ("oom_score_adj"),
    COREDUMP_FILTER("coredump_filter");

    final String fileName;

    Setting(String fileName) {
      this.fileName = fileName;
    }
  }

  /** TASK_COMM_LEN without the NUL. */
  private static final int COMM_LENGTH = 15;

  private static final int FIRST_INDEX = 1000;
  private static final int OOM_MAX = 1000;

  /** MMF_DUMP_FILTER_BITS. */
  private static final int COREDUMP_BITS = 0x1ff;

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
          case COREDUMP_FILTER -> {
            scope.view().status();
            yield HexFormat.of().toHexDigits(scope.view().coredumpFilter());
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
      case COREDUMP_FILTER -> setCoredumpFilter(text);
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

  /** A number of any base as kstrtouint() takes it; bits without a meaning are dropped. */
  private void setCoredumpFilter(String text) {
    String digits = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    digits = digits.startsWith("+") ? digits.substring(1) : digits;
    boolean hexadecimal = digits.startsWith("0x") || digits.startsWith("0X");
    int base = hexadecimal ? 16 : digits.startsWith("0") ? 8 : 10;
    String number = hexadecimal ? digits.substring(2) : digits;
    if (number.isEmpty() || !Character.isLetterOrDigit(number.charAt(0))) {
      throw Errno.EINVAL.exception();
    }
    int value;
    try {
      value = Integer.parseUnsignedInt(number, base);
    } catch (NumberFormatException _) {
      throw tooLarge(number, base) ? Errno.ERANGE.exception() : Errno.EINVAL.exception();
    }
    scope.view().status(); // ESRCH when it has gone
    scope.view().setCoredumpFilter(value & COREDUMP_BITS);
  }

  private static boolean tooLarge(String number, int base) {
    return number.chars().allMatch(c -> Character.digit(c, base) >= 0);
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
