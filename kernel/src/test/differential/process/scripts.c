/* #! scripts: arguments, nesting, relative interpreters, missing ones, long and empty lines. */
#include "difftest.h"

static void run(const char *label, const char *path, ...) {
  pid_t pid = fork();
  if (pid == 0) {
    char *argv[] = {"name-given", "first", "second arg", NULL};
    char *envp[] = {"PATH=/usr/bin:/bin", NULL};
    execve(path, argv, envp);
    printf("%s: %s\n", label, ename(errno));
    _exit(70);
  }
  dt_reap(label, pid);
}

int main(void) {
  dt_start(20);
  dt_write_file("plain", "#!/bin/sh\necho \"$0|$1|$2|$#\"\n", 0755);
  run("plain", "./plain");
  dt_write_file("arg", "#!/bin/sh -e  -u \necho \"$0|$-\"\n", 0755);
  run("two options are one argument", "./arg");
  dt_write_file("opt", "#! /bin/sh -e\necho \"$0|$1\"\nfalse\necho unreachable\n", 0755);
  run("option and a space", "./opt");
  dt_write_file("nested", "#!./plain extra\n", 0755);
  run("nested", "./nested");
  dt_write_file("nested2", "#!./nested\n", 0755);
  dt_write_file("nested3", "#!./nested2\n", 0755);
  dt_write_file("nested4", "#!./nested3\n", 0755);
  dt_write_file("nested5", "#!./nested4\n", 0755);
  run("nested 3", "./nested3");
  run("nested 4", "./nested4");
  run("nested 5", "./nested5");
  dt_write_file("self", "#!./self\n", 0755);
  run("self", "./self");
  dt_write_file("missing", "#!/no/such/interpreter\n", 0755);
  run("missing interpreter", "./missing");
  dt_write_file("dir", "#!/etc\n", 0755);
  run("directory as interpreter", "./dir");
  dt_write_file("empty", "#!\n", 0755);
  run("empty line", "./empty");
  dt_write_file("spaces", "#!   \n", 0755);
  run("only spaces", "./spaces");
  dt_write_file("noexec", "#!/bin/sh\n", 0644);
  run("not executable", "./noexec");
  dt_write_file("nothing", "", 0755);
  run("empty file", "./nothing");
  dt_write_file("text", "echo shell would run this\n", 0755);
  run("no magic", "./text");
  char line[600];
  memset(line, 'a', sizeof line);
  memcpy(line, "#!/", 3);
  line[400] = '\n';
  line[401] = 0;
  dt_write_file("long", line, 0755);
  run("longer than 256", "./long");
  memset(line, ' ', sizeof line);
  memcpy(line, "#!/bin/sh", 9);
  strcpy(line + 300, "\necho ok\n");
  dt_write_file("longspace", line, 0755);
  run("spaces past 256", "./longspace");
  dt_write_file("noeol", "#!/bin/echo", 0755);
  run("no newline", "./noeol");
  dt_write_file("noexecinterp", "#!./noexec\n", 0755);
  run("interpreter not executable", "./noexecinterp");
  return 0;
}
