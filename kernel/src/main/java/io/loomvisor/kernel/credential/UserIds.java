package io.loomvisor.kernel.credential;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Credentials;

/** setuid(2) and kin. -1 as an id keeps the present one where the call has that; EPERM, EINVAL. */
public final class UserIds {
  /**
   * The capabilities that fsuid 0 stands for (capabilities(7), setfsuid): CAP_FS_MASK of the
   * kernel.
   */
  private static final long FILE_CAPABILITIES =
      1L << Credentials.CAP_CHOWN
          | 1L << Credentials.CAP_DAC_OVERRIDE
          | 1L << Credentials.CAP_DAC_READ_SEARCH
          | 1L << Credentials.CAP_FOWNER
          | 1L << Credentials.CAP_FSETID
          | 1L << 9 // CAP_LINUX_IMMUTABLE
          | 1L << Credentials.CAP_MKNOD
          | 1L << 32; // CAP_MAC_OVERRIDE

  private UserIds() {}

  public static Credentials setuid(Credentials c, int id) {
    if (id == -1) {
      throw Errno.EINVAL.exception();
    }
    if (c.has(Credentials.CAP_SETUID)) {
      return fixed(c, c.withUsers(id, id, id, id));
    }
    if (id != c.uid() && id != c.suid()) {
      throw Errno.EPERM.exception();
    }
    return fixed(c, c.withUsers(c.uid(), id, c.suid(), id));
  }

  public static Credentials setreuid(Credentials c, int real, int effective) {
    if (!c.has(Credentials.CAP_SETUID)) {
      require(real == -1 || real == c.uid() || real == c.euid());
      require(effective == -1 || own(c, effective));
    }
    int newReal = real == -1 ? c.uid() : real;
    int newEffective = effective == -1 ? c.euid() : effective;
    boolean saves = real != -1 || effective != -1 && effective != c.uid();
    return fixed(
        c, c.withUsers(newReal, newEffective, saves ? newEffective : c.suid(), newEffective));
  }

  public static Credentials setresuid(Credentials c, int real, int effective, int saved) {
    if (!c.has(Credentials.CAP_SETUID)) {
      require(real == -1 || own(c, real));
      require(effective == -1 || own(c, effective));
      require(saved == -1 || own(c, saved));
    }
    int newEffective = effective == -1 ? c.euid() : effective;
    return fixed(
        c,
        c.withUsers(
            real == -1 ? c.uid() : real,
            newEffective,
            saved == -1 ? c.suid() : saved,
            newEffective));
  }

  /** What is not allowed changes nothing: setfsuid(2) has no errors. */
  public static Credentials setfsuid(Credentials c, int id) {
    if (id == -1 || !own(c, id) && id != c.fsuid() && !c.has(Credentials.CAP_SETUID)) {
      return c;
    }
    long effective = c.effective();
    if ((c.securebits() & Securebits.NO_SETUID_FIXUP) == 0) {
      if (c.fsuid() == 0 && id != 0) {
        effective &= ~FILE_CAPABILITIES;
      } else if (c.fsuid() != 0 && id == 0) {
        effective |= FILE_CAPABILITIES & c.permitted();
      }
    }
    return c.withUsers(c.uid(), c.euid(), c.suid(), id)
        .withCapabilities(c.permitted(), effective, c.inheritable(), c.bounding(), c.ambient());
  }

  private static boolean own(Credentials c, int id) {
    return id == c.uid() || id == c.euid() || id == c.suid();
  }

  private static void require(boolean allowed) {
    if (!allowed) {
      throw Errno.EPERM.exception();
    }
  }

  /** security/commoncap.c: cap_emulate_setxuid. */
  private static Credentials fixed(Credentials old, Credentials now) {
    if ((old.securebits() & Securebits.NO_SETUID_FIXUP) != 0) {
      return now;
    }
    long permitted = old.permitted();
    long effective = old.effective();
    long ambient = old.ambient();
    boolean hadRoot = old.uid() == 0 || old.euid() == 0 || old.suid() == 0;
    boolean hasRoot = now.uid() == 0 || now.euid() == 0 || now.suid() == 0;
    if (hadRoot && !hasRoot) {
      if ((old.securebits() & Securebits.KEEP_CAPS) == 0) {
        permitted = 0;
        effective = 0;
      }
      ambient = 0;
    }
    if (old.euid() == 0 && now.euid() != 0) {
      effective = 0;
    } else if (old.euid() != 0 && now.euid() == 0) {
      effective = permitted;
    }
    return now.withCapabilities(permitted, effective, old.inheritable(), old.bounding(), ambient);
  }
}
