package io.millrace.standalone.contract;

import java.util.List;

/** What can be done with datasets over REST and over gRPC; what is refused is a {@link Refusal}. */
interface Datasets {

  /**
   * A dataset.
   *
   * @param kind {@code text} or {@code images}
   * @param tokenizer its state; empty: there is none
   * @param location of its tokenizer.json in the object store; empty: there is none
   */
  record Seen(
      String name,
      String kind,
      String tokenizer,
      String location,
      long documents,
      long prepared,
      int snapshots) {}

  /** A snapshot. */
  record Sealed(int version, String sha256, long records) {}

  Seen createTexts(String name, int packLength);

  Seen createPictures(String name);

  /** Number of documents that were accepted. */
  long append(String dataset, List<String> texts);

  /** Number of documents that were accepted. */
  long appendScene(String dataset, Scene scene);

  Seen get(String name);

  List<String> list();

  /** Changes the share of rejected documents that snapshots warn of. */
  Seen change(String dataset, double rejectedWarnPercent);

  Seen trainTokenizer(String dataset, int vocabulary);

  Seen setTokenizer(String dataset, String tokenizerJson);

  /** Appends a picture that none is, which is noticed once it is prepared. */
  long appendNoPicture(String dataset);

  /** Why documents were rejected. */
  List<String> rejected(String dataset);

  /** Number of rejected documents that were appended again. */
  long replay(String dataset);

  /** Number of records that somebody else wrote. */
  long repair(String dataset);

  Sealed seal(String dataset);

  void delete(String name);
}
