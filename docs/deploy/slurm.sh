#!/usr/bin/env bash
# Many jobs on a cluster, one per line of jobs.txt (paths of JOB.json):
#   sbatch --array=1-$(wc -l < jobs.txt) docs/deploy/slurm.sh
#SBATCH --job-name=panscan
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --requeue
set -uo pipefail

job=$(sed -n "${SLURM_ARRAY_TASK_ID}p" jobs.txt)
panscan work "$job"
code=$?
# 75: the same may work later. Anything else would end the same way again.
if [ "$code" -eq 75 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 3 ]; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
