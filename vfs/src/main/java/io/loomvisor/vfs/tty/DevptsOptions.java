package io.loomvisor.vfs.tty;

import io.loomvisor.gofer.abi.Errno;

/**
 * The mount options of devpts.
 *
 * @param uid owner of the slaves, -1 for whoever opens ptmx
 * @param gid as {@code uid}
 * @param mode permissions of the slaves
 * @param ptmxMode permissions of ptmx
 * @param max most pseudo-terminals at a time
 */
public record DevptsOptions(int uid, int gid, int mode, int ptmxMode, int max) {
  private static final int PERMISSIONS = 0777;

  /** What Linux has without options. */
  public static final DevptsOptions DEFAULT = new DevptsOptions(-1, -1, 0600, 0, Integer.MAX_VALUE);

  /** What container runtimes ask for: newinstance,ptmxmode=0666,mode=0620,gid=5. */
  public static final DevptsOptions CONTAINER =
      new DevptsOptions(-1, 5, 0620, 0666, Integer.MAX_VALUE);

  public DevptsOptions {
    max = DevptsFilesystem.boundedMax(max);
  }

  /**
   * The data of mount(2), such as "newinstance,ptmxmode=0666,gid=5". EINVAL for what is not known.
   */
  public static DevptsOptions parse(String data) {
    DevptsOptions o = DEFAULT;
    for (String option : data.isEmpty() ? new String[0] : data.split(",", -1)) {
      int equals = option.indexOf('=');
      String name = equals < 0 ? option : option.substring(0, equals);
      String value = equals < 0 ? "" : option.substring(equals + 1);
      o =
          switch (name) {
            case "newinstance" -> o;
            case "uid" -> new DevptsOptions(number(value, 10), o.gid, o.mode, o.ptmxMode, o.max);
            case "gid" -> new DevptsOptions(o.uid, number(value, 10), o.mode, o.ptmxMode, o.max);
            case "mode" ->
                new DevptsOptions(o.uid, o.gid, number(value, 8) & PERMISSIONS, o.ptmxMode, o.max);
            case "ptmxmode" ->
                new DevptsOptions(o.uid, o.gid, o.mode, number(value, 8) & PERMISSIONS, o.max);
            case "max" -> new DevptsOptions(o.uid, o.gid, o.mode, o.ptmxMode, number(value, 10));
            default -> throw Errno.EINVAL.exception();
          };
    }
    return o;
  }

  private static int number(String text, int radix) {
    try {
      int n = Integer.parseInt(text, radix);
      if (n < 0) {
        throw Errno.EINVAL.exception();
      }
      return n;
    } catch (NumberFormatException e) {
      throw Errno.EINVAL.exception();
    }
  }
}
