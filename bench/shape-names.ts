// The names that the synthetic target uses. What counts is how many there are and how long.

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export const CLUSTERS: readonly string[] = words(
  'eu-central-1 eu-central-1 eu-central-1 us-east-2',
);
export const NAMESPACES: readonly string[] = words(
  'default monitoring payments search shop-frontend',
);
export const SERVICES: readonly string[] = words(`cart-service checkout-service inventory-service
  payment-gateway product-catalog recommendation search-frontend user-profile-service`);

export const INTERFACES: readonly string[] = words('eth0 eth1 docker0 cni0 flannel.1 lo');
export const DISKS: readonly string[] = words('nvme0n1 nvme1n1 sda sdb');
export const CPUS: readonly string[] = words('0 1 2 3 4 5');
export const CPU_MODES: readonly string[] = words('idle iowait irq nice softirq steal system user');
export const SENSORS: readonly string[] = words('temp1 temp2 temp3 temp4');
export const CACHES: readonly string[] = words(`accounts baskets countries images offers prices
  products sessions stock tokens`);

/** Device, type and mount point. */
export const FILE_SYSTEMS: readonly (readonly [string, string, string])[] = [
  ['/dev/nvme0n1p1', 'vfat', '/boot/efi'],
  ['/dev/nvme0n1p2', 'ext4', '/'],
  ['/dev/nvme1n1p1', 'ext4', '/var/lib/docker'],
  ['/dev/sda1', 'xfs', '/srv/data'],
  ['/dev/sdb1', 'xfs', '/srv/backup'],
  ['tmpfs', 'tmpfs', '/run'],
];
export const FILE_SYSTEM_FACTS: readonly string[] = words('size_bytes files readonly device_error');
export const FILE_SYSTEM_BYTES: readonly string[] = words('avail_bytes free_bytes');

export const UNITS: readonly string[] = words(`containerd.service cron.service dbus.service
  docker.service kubelet.service node-exporter.service ssh.service systemd-journald.service`);
export const UNIT_STATES: readonly string[] = words('active activating failed inactive');

export const INTERFACE_FACTS: readonly string[] = words(`carrier flags iface_id mtu_bytes
  protocol_type speed_bytes transmit_queue_length up`);
export const INTERFACE_COUNTERS: readonly string[] = words(`receive_bytes_total receive_drop_total
  receive_errs_total receive_packets_total transmit_bytes_total transmit_drop_total
  transmit_errs_total transmit_packets_total`);

export const DISK_BYTES: readonly string[] = words('read_bytes_total written_bytes_total');
export const DISK_TIMES: readonly string[] = words(`io_time_seconds_total read_time_seconds_total
  write_time_seconds_total`);

export const PRESSURES: readonly string[] =
  words(`cpu_waiting_seconds_total io_stalled_seconds_total
  io_waiting_seconds_total memory_waiting_seconds_total`);

export const HANDLERS: readonly string[] = words(`/api/v1/baskets /api/v1/orders /api/v1/products
  /api/v1/recommendations`);
export const HISTOGRAMS: readonly string[] = words(`http_request_duration_seconds
  http_response_size_bytes`);
export const BUCKETS: readonly string[] = words(
  '0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 +Inf',
);

export const COLLECTORS: readonly string[] = words(`arp bcache bonding btrfs conntrack cpu cpufreq
  diskstats edac entropy fibrechannel filefd filesystem hwmon infiniband ipvs loadavg mdadm meminfo
  netclass netdev netstat nfs nvme`);

/** Metrics without labels of their own that never change. */
export const FACTS: readonly string[] = words(`go_gc_gogc_percent go_sched_gomaxprocs_threads
  node_boot_time_seconds node_entropy_pool_size_bits node_filefd_maximum
  node_memory_HugePages_Free node_memory_HugePages_Total node_memory_Hugepagesize_bytes
  node_memory_MemTotal_bytes node_memory_SwapTotal_bytes node_nf_conntrack_entries_limit
  node_timex_status node_timex_tick_seconds process_max_fds process_start_time_seconds
  process_virtual_memory_max_bytes`);

/** Counters without labels of their own. */
export const COUNTERS: readonly string[] = words(`go_memstats_frees_total go_memstats_mallocs_total
  node_context_switches_total node_forks_total node_intr_total node_netstat_Icmp_InMsgs
  node_netstat_Tcp_InSegs node_netstat_Tcp_OutSegs node_netstat_Udp_InDatagrams
  node_vmstat_pgfault node_vmstat_pgmajfault node_vmstat_pgpgin node_vmstat_pgpgout`);

export const MEMORY_FIELDS: readonly string[] = words(`Active Active_anon Active_file AnonHugePages
  AnonPages Bounce Buffers Cached CmaFree Committed_AS DirectMap1G DirectMap2M DirectMap4k Dirty
  Inactive Inactive_anon Inactive_file KReclaimable KernelStack Mapped MemAvailable MemFree Mlocked
  PageTables Percpu SReclaimable SUnreclaim Shmem ShmemPmdMapped Slab SwapFree Unevictable
  VmallocUsed Writeback`);

/** Gauges without labels of their own that are whole numbers. */
export const INTEGER_GAUGES: readonly string[] = words(`go_goroutines go_memstats_heap_objects
  go_threads node_filefd_allocated node_nf_conntrack_entries node_procs_blocked node_procs_running
  node_sockstat_TCP_inuse node_sockstat_UDP_inuse process_open_fds`);

/** Two decimals. */
export const LOADS: readonly string[] = words('node_load1 node_load5 node_load15');
/** The first has three decimals, every following one has one more. */
export const DECIMAL_GAUGES: readonly string[] = words(`node_cpu_frequency_average_ghz
  node_power_supply_voltage_volt node_power_supply_current_ampere go_gc_cpu_fraction
  node_timex_frequency_adjustment_ratio node_timex_estimated_error_seconds
  node_timex_offset_seconds`);
