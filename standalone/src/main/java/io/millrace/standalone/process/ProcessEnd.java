package io.millrace.standalone.process;

/** The end of this process, as somebody outside has asked for it: Ctrl-C, SIGTERM, SIGHUP. */
public final class ProcessEnd {

  private static volatile boolean asked;

  private ProcessEnd() {}

  /**
   * Whether the process is ending while commands still run. Their failures from then on are
   * consequences, not reasons.
   */
  public static boolean isAsked() {
    return asked;
  }

  /** Runs a thread when the end is asked for; the process ends after it. */
  static void beforeIt(Thread hook) {
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      asked = true;
      throw new InterruptedProcessException();
    }
  }

  /** Takes a hook back, unless it runs already. */
  static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // Hooks run already; this one has nothing left to do.
      asked = true;
    }
  }

  static void ask() {
    asked = true;
  }
}
