package io.millrace.platform.store;

/**
 * Where the object store keeps weights that were imported for parts of models, such as those of a
 * classifier for a detector's backbone.
 */
public final class ImportedWeights {

  /** Name of the file among a name's objects. */
  public static final String FILE = "weights.safetensors";

  private ImportedWeights() {}

  /**
   * Prefix of the objects of a name.
   *
   * @param name as {@link io.millrace.platform.name.Names} takes it
   */
  public static String prefix(String name) {
    return "weights/" + name;
  }

  /** Key of the file of a name. */
  public static String key(String name) {
    return prefix(name) + "/" + FILE;
  }
}
