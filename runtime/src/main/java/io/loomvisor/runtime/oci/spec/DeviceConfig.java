package io.loomvisor.runtime.oci.spec;

/**
 * A device node that a container has beyond the usual ones.
 *
 * @param mode type and permissions
 */
public record DeviceConfig(String path, int mode, int major, int minor, int uid, int gid) {
  private static final int S_IFIFO = 0010000;
  private static final int S_IFCHR = 0020000;
  private static final int S_IFBLK = 0060000;
  private static final int DEFAULT_PERMISSIONS = 0666;

  static DeviceConfig of(JsonView d) throws ConfigException {
    int type =
        switch (d.string("type")) {
          case "c", "u" -> S_IFCHR;
          case "b" -> S_IFBLK;
          case "p" -> S_IFIFO;
          default -> throw new ConfigException(d.place("type") + ": neither c, u, b nor p");
        };
    return new DeviceConfig(
        JsonView.bytes(d.string("path")),
        type | d.integer("fileMode", DEFAULT_PERMISSIONS) & 07777,
        d.integer("major", 0),
        d.integer("minor", 0),
        d.integer("uid", 0),
        d.integer("gid", 0));
  }
}
