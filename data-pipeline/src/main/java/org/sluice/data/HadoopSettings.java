package org.sluice.data;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/** A Hadoop configuration that travels to executors. */
final class HadoopSettings implements Serializable {
    private static final long serialVersionUID = 1L;

    private final HashMap<String, String> values = new HashMap<>();
    private transient Configuration configuration;

    HadoopSettings(Configuration configuration) {
        for (Map.Entry<String, String> entry : configuration) {
            values.put(entry.getKey(), entry.getValue());
        }
        this.configuration = configuration;
    }

    synchronized Configuration configuration() {
        if (configuration == null) {
            Configuration read = new Configuration(false);
            values.forEach(read::set);
            configuration = read;
        }
        return configuration;
    }
}
