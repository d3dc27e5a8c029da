package io.loomvisor.kernel;

/** Names of the sandbox (uname(2), uts_namespaces(7)). Each name changes alone and atomically. */
public final class UtsName {
  /** Longest host or domain name in bytes: __NEW_UTS_LEN. */
  public static final int MAX_LENGTH = 64;

  public static final String SYSTEM = "Linux";
  public static final String RELEASE = "6.12.0";
  public static final String VERSION = "#1 SMP PREEMPT_DYNAMIC Loomvisor";
  public static final String MACHINE = "x86_64";

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
}
