package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtSymbolBlock;

/**
 * Runs a method of a TorchScript module without entering inference mode.
 *
 * <p>DJL's own {@code IValueUtils.runMethod} always enters it, and its results can then neither
 * take part in autograd nor be written in place later; the native call behind it is
 * package-private, hence this class in DJL's package.
 */
public final class ScriptMethods {

  private ScriptMethods() {}

  /**
   * Runs {@code method}; whether gradients are recorded is the calling thread's grad mode.
   *
   * @return the result, to be closed by the caller
   */
  public static IValue run(PtSymbolBlock module, String method, IValue[] arguments) {
    return run(module, method, arguments, /* training= */ true);
  }

  /** As {@link #run} in inference mode: what the method returns can only be read. */
  public static IValue runForReading(PtSymbolBlock module, String method, IValue[] arguments) {
    return run(module, method, arguments, /* training= */ false);
  }

  private static IValue run(
      PtSymbolBlock module, String method, IValue[] arguments, boolean training) {
    long[] handles = new long[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      handles[i] = arguments[i].getHandle();
    }
    return new IValue(
        PyTorchLibrary.LIB.moduleRunMethod(
            module.getHandle(), method, handles, training, /* separateStream= */ false));
  }
}
