package io.loomvisor.kernel.loader;

/**
 * A program whose headers are in order cannot be mapped. Linux finds out after the point of no
 * return (fs/binfmt_elf.c: load_elf_binary, fs/exec.c: bprm_execve): there is nothing left to
 * return an error to, and the process is killed by SIGSEGV.
 */
public final class LoadFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  LoadFailure(String reason, Throwable cause) {
    super(reason, cause);
  }
}
