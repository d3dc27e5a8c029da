package io.loomvisor.task;

/** A namespace of names (uname(2), uts_namespaces(7)). Each name changes alone and atomically. */
public final class UtsName {
  /** Longest host or domain name in bytes: __NEW_UTS_LEN. */
  public static final int MAX_LENGTH = 64;

  public static final String SYSTEM = "Linux";
  public static final String RELEASE = "6.12.0";
  public static final String VERSION = "#1 SMP PREEMPT_DYNAMIC Loomvisor";
  public static final String MACHINE = "x86_64";

  /** With UNAME26: 2.6.60 and up stand for 6.0 and up (kernel/sys.c: override_release). */
  public static final String RELEASE_UNAME26 = "2.6.72";

  /** With PER_LINUX32. */
  public static final String MACHINE32 = "i686";

  private volatile String hostName;
  private volatile String domainName = "(none)";

  public UtsName(String hostName) {
    this.hostName = hostName;
  }

  public String hostName() {
    return hostName;
  }

  public void setHostName(String name) {
    hostName = name;
  }

  public String domainName() {
    return domainName;
  }

  public void setDomainName(String name) {
    domainName = name;
  }

  /** unshare(2) with CLONE_NEWUTS: another namespace, with these names at first. */
  public UtsName copy() {
    UtsName copy = new UtsName(hostName);
    copy.domainName = domainName;
    return copy;
  }
}
