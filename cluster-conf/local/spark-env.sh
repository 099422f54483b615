# Web pages and connections of this process are for this machine only.
export SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-127.0.0.1}
