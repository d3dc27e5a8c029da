package io.loomvisor.runtime.oci.spec;

import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.runtime.seccomp.BpfInstruction;
import io.loomvisor.runtime.seccomp.Condition;
import io.loomvisor.runtime.seccomp.Condition.Operator;
import io.loomvisor.runtime.seccomp.ProfileProgram;
import io.loomvisor.runtime.seccomp.ProfileRule;
import io.loomvisor.task.seccomp.FilterProgram;
import io.loomvisor.task.seccomp.SeccompState;
import io.loomvisor.task.seccomp.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * linux.seccomp of config.json: the filter of all processes of the container. Where the
 * specification leaves the meaning to libseccomp, it is libseccomp's, as runc uses it.
 *
 * @param otherwise the answer for syscalls that no rule is about, a SECCOMP_RET_ value
 * @param last the highest syscall that the profile knows; {@link Integer#MAX_VALUE} if it allows
 *     what it does not know
 * @param unknown names that are no syscalls of x86-64, which are ignored
 */
public record SeccompConfig(int otherwise, int last, List<ProfileRule> rules, Set<String> unknown) {
  private static final int EPERM = 1;
  private static final int MAX_ERRNO = 0xffff;

  /** seccomp(2); none of them changes what a filter does here. */
  public static final List<String> FLAGS =
      List.of(
          "SECCOMP_FILTER_FLAG_LOG",
          "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
          "SECCOMP_FILTER_FLAG_TSYNC",
          "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");

  /** What {@link #of} takes, in the specification's names. */
  public static final List<String> ACTIONS =
      List.of(
          "SCMP_ACT_ALLOW",
          "SCMP_ACT_ERRNO",
          "SCMP_ACT_KILL",
          "SCMP_ACT_KILL_PROCESS",
          "SCMP_ACT_KILL_THREAD",
          "SCMP_ACT_LOG",
          "SCMP_ACT_TRACE",
          "SCMP_ACT_TRAP");

  /** The same of comparisons. */
  public static final List<String> OPERATORS =
      List.of(
          "SCMP_CMP_EQ",
          "SCMP_CMP_GE",
          "SCMP_CMP_GT",
          "SCMP_CMP_LE",
          "SCMP_CMP_LT",
          "SCMP_CMP_MASKED_EQ",
          "SCMP_CMP_NE");

  static SeccompConfig of(JsonView s) throws ConfigException {
    s.refuse("listenerPath", "listenerMetadata");
    for (String flag : s.strings("flags")) {
      if (!FLAGS.contains(flag)) {
        throw new ConfigException(s.place("flags") + ": no flag " + flag);
      }
    }
    for (String architecture : s.strings("architectures")) {
      // The native one is always meant; the sandbox has no other.
      if (!architecture.startsWith("SCMP_ARCH_")) {
        throw new ConfigException(s.place("architectures") + ": no architecture " + architecture);
      }
    }
    int otherwise = answer(s, "defaultAction", "defaultErrnoRet");
    List<ProfileRule> rules = new ArrayList<>();
    Set<String> unknown = new TreeSet<>();
    int last = -1;
    for (JsonView call : s.children("syscalls")) {
      int answer = answer(call, "action", "errnoRet");
      List<List<Condition>> alternatives = alternatives(call);
      List<String> names = call.strings("names");
      if (names.isEmpty()) {
        throw new ConfigException(call.place("names") + ": must not be empty");
      }
      for (String name : names) {
        SyscallNumber number = SyscallNumber.of(name);
        if (number == null) {
          unknown.add(name);
          continue;
        }
        last = Math.max(last, number.number());
        if (answer != otherwise) {
          alternatives.forEach(a -> rules.add(new ProfileRule(number.number(), a, answer)));
        }
      }
    }
    return new SeccompConfig(
        otherwise, permits(otherwise) || last < 0 ? Integer.MAX_VALUE : last, rules, unknown);
  }

  /** Then what is newer than the profile is not hidden. */
  private static boolean permits(int answer) {
    int action = Verdict.action(answer);
    return action == Verdict.ALLOW || action == Verdict.LOG || action == Verdict.TRACE;
  }

  private static int answer(JsonView s, String name, String errnoName) throws ConfigException {
    String action = s.string(name);
    long errno = s.number(errnoName, EPERM);
    if (errno < 0 || errno > MAX_ERRNO) {
      throw new ConfigException(s.place(errnoName) + ": not an error number");
    }
    return switch (action) {
      case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> Verdict.KILL_THREAD;
      case "SCMP_ACT_KILL_PROCESS" -> Verdict.KILL_PROCESS;
      case "SCMP_ACT_TRAP" -> Verdict.TRAP;
      case "SCMP_ACT_ERRNO" -> Verdict.ERRNO | (int) errno;
      case "SCMP_ACT_TRACE" -> Verdict.TRACE | (int) errno;
      case "SCMP_ACT_LOG" -> Verdict.LOG;
      case "SCMP_ACT_ALLOW" -> Verdict.ALLOW;
      case "SCMP_ACT_NOTIFY" ->
          throw new ConfigException(s.place(name) + ": " + action + ": not supported");
      default -> throw new ConfigException(s.place(name) + ": no action " + action);
    };
  }

  /**
   * All conditions of an entry must hold, but if it has two on one argument, then one of all: what
   * libseccomp cannot say in one rule, runc makes several of.
   */
  private static List<List<Condition>> alternatives(JsonView call) throws ConfigException {
    List<Condition> conditions = new ArrayList<>();
    for (JsonView c : call.children("args")) {
      conditions.add(condition(c));
    }
    long arguments = conditions.stream().mapToInt(Condition::argument).distinct().count();
    return arguments < conditions.size()
        ? conditions.stream().map(List::of).toList()
        : List.of(conditions);
  }

  private static Condition condition(JsonView c) throws ConfigException {
    long index = c.number("index", -1);
    if (index < 0 || index > 5) {
      throw new ConfigException(c.place("index") + ": not an argument");
    }
    long value = c.number("value", 0);
    String name = c.string("op");
    if (name.equals("SCMP_CMP_MASKED_EQ")) {
      return new Condition((int) index, value, Operator.EQUAL, c.number("valueTwo", 0));
    }
    Operator operator =
        switch (name) {
          case "SCMP_CMP_NE" -> Operator.NOT_EQUAL;
          case "SCMP_CMP_LT" -> Operator.LESS;
          case "SCMP_CMP_LE" -> Operator.AT_MOST;
          case "SCMP_CMP_EQ" -> Operator.EQUAL;
          case "SCMP_CMP_GE" -> Operator.AT_LEAST;
          case "SCMP_CMP_GT" -> Operator.GREATER;
          default -> throw new ConfigException(c.place("op") + ": no comparison " + name);
        };
    return new Condition((int) index, -1, operator, value);
  }

  /** As a filter for the sandbox's kernel. */
  public SeccompState filter() throws ConfigException {
    try {
      var program = ProfileProgram.of(rules, otherwise, last);
      return SeccompState.Filter.on(FilterProgram.of(BpfInstruction.bytes(program)), null);
    } catch (IllegalStateException e) {
      throw new ConfigException("linux.seccomp: " + e.getMessage());
    }
  }
}
