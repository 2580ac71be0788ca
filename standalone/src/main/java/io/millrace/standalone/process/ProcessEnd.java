package io.millrace.standalone.process;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of this process, as somebody outside has asked for it: Ctrl-C, SIGTERM, SIGHUP. */
public final class ProcessEnd {

  private static final Logger LOG = LoggerFactory.getLogger(ProcessEnd.class);

  /** Of the C library; a system without one has its JVM's own way. */
  private static final Optional<MethodHandle> EXIT =
      Linker.nativeLinker()
          .defaultLookup()
          .find("_exit")
          .map(address ->
              Linker.nativeLinker()
                  .downcallHandle(address, FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT)));

  private static volatile boolean asked;

  private ProcessEnd() {}

  /**
   * Ends this process now, without a step in between. The JVM's own way first waits for its
   * threads, which takes seconds on a busy machine, and destroys libtorch's objects while threads
   * still compute with them, which crashes.
   *
   * @param status of the process
   */
  public static void atOnce(int status) {
    EXIT.ifPresent(exit -> {
      try {
        exit.invokeExact(status);
      } catch (Throwable e) {
        LOG.warn("cannot end at once", e);
      }
    });
    Runtime.getRuntime().halt(status);
  }

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
