package org.sluice.cluster;

import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * While it is open, tasks wait for the executor of their worker, even if another one has a free core: the worker's state is there and
 * nowhere else.
 *
 * <p>It is no setting of the session, as tasks would wait for an executor that is gone just as long. Training watches its executors for
 * that, see {@link ExecutorWatch}; what else runs in the session does not. Spark reads the setting for each stage anew.
 */
final class LocalityWait implements AutoCloseable {
    private static final String SETTING = "spark.locality.wait.process";
    private static final String LONG = "24h";

    private final SparkConf conf;
    private final Optional<String> before;

    LocalityWait(JavaSparkContext context) {
        this.conf = context.sc().conf();
        this.before = conf.contains(SETTING) ? Optional.of(conf.get(SETTING)) : Optional.empty();
        conf.set(SETTING, LONG);
    }

    @Override
    public void close() {
        conf.remove(SETTING);
        before.ifPresent(value -> conf.set(SETTING, value));
    }
}
